package secrets

// Logins is how many logins of a data store take turns. The one in use is never changed: a new generation gives the other
// one a new password, and what used the one before goes on until it has moved.
const Logins = 2

// inUse is the index of the login whose turn it is in the generation, 1 or more.
func inUse(generation int) int { return (generation - 1) % Logins }

// passwordGeneration is the generation of a login's password while the given one is in use: that one if it is its turn, and
// else the one before, 0 for a login that has not had its first turn.
func passwordGeneration(login, generation int) int {
	if login == inUse(generation) {
		return generation
	}
	return generation - 1
}
