package login

import "github.com/federated-risk/federated-risk/internal/faults"

// Attempt says which generation of a login is tried, and with what.
type Attempt struct {
	// Generation of the login, 1 or more: there is one Job for each.
	Generation int
	// Image with /bin/sh and the store's command-line client.
	Image           string
	PullSecretNames []string
}

// Check returns every fault; argument is what they call the attempt, such as args.Login.
func (attempt Attempt) Check(argument string) error {
	var found faults.List
	found.When(attempt.Generation < 1, "%s.Generation is %d: expected 1 or more", argument, attempt.Generation)
	found.When(attempt.Image == "", "%s.Image is empty", argument)
	return found.Err()
}
