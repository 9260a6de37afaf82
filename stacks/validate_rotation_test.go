package stacks_test

import "testing"

func TestValidateRotation(t *testing.T) {
	const least = ": 0: must be 1 or more"
	checkRules(t, []rule{
		{"rotated", tree{"rotation": tree{
			"jwt": 3, "jwtRevoked": 2, "database": 4, "redis": 5, "encryption": 6, "encryptionRetired": []any{1, 5, 3}, "tls": 7,
		}}, nil},
		{"nothing", tree{"rotation": tree{"jwt": 0, "database": 0, "redis": 0, "encryption": 0, "tls": 0}}, []string{
			"rotation.database" + least, "rotation.encryption" + least, "rotation.jwt" + least, "rotation.redis" + least, "rotation.tls" + least,
		}},
		{"the one that signs is revoked", tree{"rotation": tree{"jwt": 2, "jwtRevoked": 2}}, []string{
			"rotation.jwtRevoked: 2: must be 0 to less than federated-risk:rotation.jwt, whose tokens are the ones that remain",
		}},
		{"less than nothing is revoked", tree{"rotation": tree{"jwtRevoked": -1}}, []string{
			"rotation.jwtRevoked: -1: must be 0 to less than federated-risk:rotation.jwt, whose tokens are the ones that remain",
		}},
		{"retired", tree{"rotation": tree{"encryption": 3, "encryptionRetired": []any{0, 3, 2, 2}}}, []string{
			"rotation.encryptionRetired[0]: 0: must be 1 to less than federated-risk:rotation.encryption, the one in use",
			"rotation.encryptionRetired[1]: 3: must be 1 to less than federated-risk:rotation.encryption, the one in use",
			"rotation.encryptionRetired[3]: 2: is there twice",
		}},
		{"a text", tree{"rotation": tree{"jwt": "2"}}, []string{`rotation.jwt: "2": must be a whole number, without quotes`}},
		{"client images", tree{"postgres.clientImage": "psql", "redis.clientImage": ""}, []string{
			`postgres.clientImage: "psql": must begin with the host of its registry`,
			`redis.clientImage: "": must be an image reference such as registry.example.com/federated-risk/name:1.0.0`,
		}},
	})
}
