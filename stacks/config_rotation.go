package stacks

// Rotation says which generation of each secret is in use. A larger one, by 1, is a rotation: the program makes the new
// secret, moves the services to it and keeps the one before for what still uses it. Generations never go back: a smaller
// one is refused, with what the stack has reached.
type Rotation struct {
	// JWT is the generation of the key pair that signs tokens. Tokens of the one before are still accepted.
	JWT int `json:"jwt"`
	// JWTRevoked is the newest generation whose tokens are refused from this update on, 0 for none: less than jwt. Raise both
	// to force everybody to authenticate anew. It never goes back.
	JWTRevoked int `json:"jwtRevoked"`
	// Database is the generation of the services' Postgres login: two roles take turns, and the new generation's gets a new
	// password.
	Database int `json:"database"`
	// Encryption is the generation of the key that stored data is encrypted with. Older ones still decrypt, and a Job
	// encrypts anew, with the new key, what there is.
	Encryption int `json:"encryption"`
	// EncryptionRetired are the generations whose keys are to go, once the Job of the generation in use has succeeded. Backups
	// from before can then no longer be read. It never shrinks.
	EncryptionRetired []int `json:"encryptionRetired"`
	// TLS is the generation of the stack's own CA and of the certificate that it signs; without effect with tls.mode existing.
	TLS int `json:"tls"`
	// Redis is the generation of the services' Redis login, of which two take turns likewise.
	Redis int `json:"redis"`
}
