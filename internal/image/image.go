// Package image knows what an image reference promises.
package image

import "github.com/distribution/reference"

// Pinned says whether a reference names the same image every time: by a digest, or by a tag other than latest, which
// nobody moves. One that cannot be parsed is not pinned.
func Pinned(image string) bool {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return false
	}
	if _, digested := named.(reference.Digested); digested {
		return true
	}
	tagged, ok := named.(reference.Tagged)
	return ok && tagged.Tag() != "latest"
}
