package scenario

// Substrates are all there are, the quickest first.
func Substrates() []Substrate { return []Substrate{Engine{}} }
