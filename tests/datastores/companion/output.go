package companion

import (
	"bytes"
	"sync"
)

// output of a program, which may be read while it runs.
type output struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

// Write takes more of it.
func (o *output) Write(more []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.buffer.Write(more)
}

// String is what there is so far.
func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.buffer.String()
}
