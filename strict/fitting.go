package strict

import "github.com/goccy/go-yaml/ast"

// misfit tells of a node that its type cannot take at all, or of a name that the type
// does not have. Such a node is not read, and all the others are: who looks further
// sees what they say.
func (r *Reading) misfit(node ast.Node, at, format string, args ...any) {
	r.unfit[node] = true
	r.wrong(node, at, format, args...)
}

// fitting is a node without what does not fit.
func (r *Reading) fitting(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.MappingNode:
		var kept []*ast.MappingValueNode
		for _, pair := range n.Values {
			if r.fits(pair) {
				kept = append(kept, pair)
			}
		}
		n.Values = kept
	case *ast.MappingValueNode:
		if !r.fits(n) {
			return ast.Mapping(n.Start, true)
		}
	case *ast.SequenceNode:
		var kept []ast.Node
		for _, one := range n.Values {
			if !r.leaves(one) {
				kept = append(kept, r.fitting(one))
			}
		}
		n.Values = kept
	case *ast.AnchorNode:
		n.Value = r.fitting(n.Value)
	case *ast.TagNode:
		n.Value = r.fitting(n.Value)
	}
	return node
}

// fits says whether a name and its value stay, and leaves of the value what fits.
func (r *Reading) fits(pair *ast.MappingValueNode) bool {
	if r.unfit[pair.Key] || r.leaves(pair.Value) {
		return false
	}
	pair.Value = r.fitting(pair.Value)
	return true
}

// leaves says whether a value is left out, also one that an anchor names or an alias
// repeats.
func (r *Reading) leaves(node ast.Node) bool {
	for range most {
		if r.unfit[node] {
			return true
		}
		switch n := node.(type) {
		case *ast.AnchorNode:
			node = n.Value
		case *ast.TagNode:
			node = n.Value
		case *ast.AliasNode:
			node = r.anchors[n.Value.GetToken().Value]
		default:
			return false
		}
	}
	return true
}
