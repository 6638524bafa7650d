package wire

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/world"
)

// Doc is a resource as Graph writes it.
type Doc = world.Doc

// Answer is what a handler found or did. The kernel shapes it by the request's
// query and writes it.
type Answer struct {
	Status int
	Header http.Header
	// Doc is one resource. List is a collection, before $filter, $orderby,
	// paging and $select; a nil List with IsList is an empty one.
	Doc    Doc
	List   []Doc
	IsList bool
	// Shaped says that a list is already what the query asked for, with NextLink
	// or DeltaLink as whole links where there are any.
	Shaped bool
	// Exact says that a list is shaped and its resources have just the properties
	// that are to be answered.
	Exact     bool
	NextLink  string
	DeltaLink string
	// Raw is a body that is not JSON, of this Content-Type.
	Raw         []byte
	ContentType string
	// Type and Context replace the route's, where an answer differs from it. A
	// Context stands behind "$metadata#".
	Type    string
	Context string
}

// Entity answers with one resource.
func Entity(d Doc) Answer { return Answer{Status: http.StatusOK, Doc: d} }

// Created answers with a resource that was made.
func Created(d Doc) Answer { return Answer{Status: http.StatusCreated, Doc: d} }

// List answers with a collection; the kernel filters, sorts, pages and selects.
func List(docs []Doc) Answer { return Answer{Status: http.StatusOK, List: docs, IsList: true} }

// Values answers with a collection of primitive or complex values, of the EDM
// type named with its namespace, e.g. "Edm.String".
func Values(edmType string, values []any) Answer {
	if values == nil {
		values = []any{}
	}
	return Answer{Status: http.StatusOK, Doc: Doc{"value": values}, Context: "Collection(" + edmType + ")"}
}

// Value answers with one primitive value.
func Value(edmType string, value any) Answer {
	return Answer{Status: http.StatusOK, Doc: Doc{"value": value}, Context: edmType}
}

// Empty answers with a status and no body.
func Empty(status int) Answer { return Answer{Status: status} }
