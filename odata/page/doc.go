// Package page cuts the JSON pages that Microsoft Graph answers collections and
// delta queries with: it finds the items and the links without decoding the
// items, which are stored as they came. It accepts exactly the JSON that
// encoding/json does, up to a depth, and refuses a page that says one thing
// twice. It allocates nothing per item.
//
// Sources: OData JSON Format 4.01, sections 4.5 and 4.6 (control information)
// and 15 (delta responses); graph-facts.md sections 2.3 and 3.
package page

// Names of the annotations of a page and of its items.
const (
	Context   = "@odata.context"
	NextLink  = "@odata.nextLink"
	DeltaLink = "@odata.deltaLink"
	Count     = "@odata.count"
	Value     = "value"
	Type      = "@odata.type"
	ETag      = "@odata.etag"
	ID        = "@odata.id"
	Bind      = "@odata.bind"
	Removed   = "@removed"
	// Delta ends the name of a collection of changed members: members@delta.
	Delta = "@delta"
)
