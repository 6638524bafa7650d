package assemble

// Routes are what an assembled gateway serves to apps, or to operators.
func (g *Graphwarden) Routes(forApps bool) []string { return g.api.Routes(forApps) }
