package expr

// OrderItem is one key of an $orderby.
type OrderItem struct {
	By   Property
	Desc bool
}

// String gives the canonical spelling; ascending order is not spelt out.
func (o OrderItem) String() string {
	if o.Desc {
		return o.By.String() + " desc"
	}
	return o.By.String()
}

// Order compares two documents by the items of an $orderby, in the manner of
// cmp.Compare. Null comes first when ascending (OData 4.01 Part 2, 5.1.5.1);
// values of different kinds compare equal.
func (r Rules) Order(by []OrderItem, a, b map[string]any) int {
	for _, item := range by {
		x := evaluation{rules: r, doc: a}.property(item.By)
		y := evaluation{rules: r, doc: b}.property(item.By)
		c, _ := r.compare(x, y)
		if item.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
