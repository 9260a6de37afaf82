package secrets

import (
	"slices"

	"github.com/federated-risk/federated-risk/internal/faults"
)

// Generations says which generation of each secret is in use. A generation has resources of its own, named after it, so
// that the next one stands beside it.
type Generations struct {
	// JWT is the generation that signs tokens, 1 or more. The one before still verifies.
	JWT int
	// JWTRevoked is the newest generation whose tokens are refused at once, 0 to JWT-1.
	JWTRevoked int
	// Database and Redis are the generations of the logins, 1 or more.
	Database, Redis int
	// Encryption is the generation that encrypts stored data, 1 or more. Older ones still decrypt, but those that are retired.
	Encryption int
	// EncryptionRetired are generations that nothing is encrypted with any more: 1 to Encryption-1, each once.
	EncryptionRetired []int
	// TLS is the generation of the CA and of the server certificate under it, 1 or more.
	TLS int
}

// oldestJWT is the oldest generation that verifies.
func (g Generations) oldestJWT() int { return max(1, g.JWT-1, g.JWTRevoked+1) }

func (g Generations) check() error {
	var found faults.List
	found.When(g.JWT < 1, "args.Generations.JWT is %d: expected 1 or more", g.JWT)
	found.When(g.Database < 1, "args.Generations.Database is %d: expected 1 or more", g.Database)
	found.When(g.Redis < 1, "args.Generations.Redis is %d: expected 1 or more", g.Redis)
	found.When(g.Encryption < 1, "args.Generations.Encryption is %d: expected 1 or more", g.Encryption)
	found.When(g.TLS < 1, "args.Generations.TLS is %d: expected 1 or more", g.TLS)
	for i, retired := range g.EncryptionRetired {
		found.When(retired < 1 || retired >= g.Encryption, "args.Generations.EncryptionRetired[%d] is %d: expected 1 to less than Encryption (%d)",
			i, retired, g.Encryption)
		found.When(slices.Contains(g.EncryptionRetired[:i], retired), "args.Generations.EncryptionRetired[%d] is %d a second time", i, retired)
	}
	found.When(g.JWTRevoked < 0 || g.JWTRevoked >= max(1, g.JWT), "args.Generations.JWTRevoked is %d: expected 0 to less than JWT (%d)", g.JWTRevoked, g.JWT)
	return found.Err()
}
