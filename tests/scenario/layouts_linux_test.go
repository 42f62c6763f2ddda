package scenario

// everyLayout has mixed networks in every layout in place of one for each scenario.
func everyLayout(list []Substrate) []Substrate {
	var out []Substrate
	for _, on := range list {
		m, ok := on.(Mixed)
		if !ok {
			out = append(out, on)
			continue
		}
		for _, m.Layout = range Layouts {
			out = append(out, m)
		}
	}
	return out
}
