package stacks

const firstGeneration = 1

func defaultRotation() Rotation {
	return Rotation{
		JWT: firstGeneration, Database: firstGeneration, Encryption: firstGeneration, EncryptionRetired: []int{},
		TLS: firstGeneration, Redis: firstGeneration,
	}
}
