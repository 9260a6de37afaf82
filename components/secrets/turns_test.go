package secrets

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLoginsTakeTurns(t *testing.T) {
	for generation, want := range map[int]struct {
		inUse     int
		passwords [Logins]int
	}{
		1: {0, [Logins]int{1, 0}},
		2: {1, [Logins]int{1, 2}},
		3: {0, [Logins]int{3, 2}},
		4: {1, [Logins]int{3, 4}},
	} {
		assert.Equal(t, want.inUse, inUse(generation), generation)
		for login, password := range want.passwords {
			assert.Equal(t, password, passwordGeneration(login, generation), "login %d in generation %d", login, generation)
		}
	}
}

// TestTheLoginThatServicesLeaveStaysAsItIs: pods that have not rolled yet go on with it.
func TestTheLoginThatServicesLeaveStaysAsItIs(t *testing.T) {
	for generation := 1; generation < 9; generation++ {
		left := inUse(generation)
		assert.NotEqual(t, left, inUse(generation+1))
		assert.Equal(t, passwordGeneration(left, generation), passwordGeneration(left, generation+1), generation)
		assert.NotEqual(t, passwordGeneration(1-left, generation), passwordGeneration(1-left, generation+1), generation)
	}
}
