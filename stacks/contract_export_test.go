package stacks

// PathOf renders a path as faults do.
func PathOf(elements ...string) string { return keyPath(elements).String() }

// DecodeFaults returns what the decoder alone, without validation, finds wrong in src.
func DecodeFaults(src Source) []Fault {
	cfg := defaults(Config{})
	faults := faultList{}
	decode(src, &cfg, &faults)
	return faults.sorted()
}

// PlainQuantity is the pattern of the quantities that config takes.
var PlainQuantity = plainQuantity.String()
