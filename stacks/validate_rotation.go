package stacks

import "slices"

func (v validator) rotation(path keyPath, rotation Rotation) {
	v.generation(path.key("jwt"), rotation.JWT)
	v.generation(path.key("database"), rotation.Database)
	v.generation(path.key("redis"), rotation.Redis)
	v.generation(path.key("encryption"), rotation.Encryption)
	v.generation(path.key("tls"), rotation.TLS)
	retired := path.key("encryptionRetired")
	for i, generation := range rotation.EncryptionRetired {
		switch {
		case generation < firstGeneration || generation >= rotation.Encryption:
			v.add(retired.index(i), generation, "must be %d to less than %s, the one in use", firstGeneration, path.key("encryption"))
		case slices.Contains(rotation.EncryptionRetired[:i], generation):
			v.add(retired.index(i), generation, "is there twice")
		}
	}
	if rotation.JWTRevoked < 0 || rotation.JWTRevoked >= max(firstGeneration, rotation.JWT) {
		v.add(path.key("jwtRevoked"), rotation.JWTRevoked, "must be 0 to less than %s, whose tokens are the ones that remain", path.key("jwt"))
	}
}

func (v validator) generation(path keyPath, generation int) {
	if generation < firstGeneration {
		v.add(path, generation, "must be %d or more", firstGeneration)
	}
}
