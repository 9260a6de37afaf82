// Package faults collects what is wrong with a component's arguments, so that all of it is told at once.
package faults

import (
	"errors"
	"fmt"
)

// List is what has been found so far; the zero value is empty.
type List struct{ errs []error }

// When notes a fault if there is one.
func (l *List) When(broken bool, format string, values ...any) {
	if broken {
		l.errs = append(l.errs, fmt.Errorf(format, values...))
	}
}

// Add notes what other checks have found; nil is nothing.
func (l *List) Add(errs ...error) { l.errs = append(l.errs, errs...) }

// Err joins the faults in the order in which they were noted; it is nil if there are none.
func (l *List) Err() error { return errors.Join(l.errs...) }
