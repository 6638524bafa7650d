// Package odata is the grammar of Microsoft Graph's URLs and pages: resource
// paths, query options, filters, searches, and the envelope around a page of
// items. It promises one canonical spelling for everything that it accepts
// (parsing what it printed gives back the same value) and refuses what it does
// not understand instead of passing it on. It knows no server, no client and no
// schema: whether a name exists is for the caller to decide.
//
// Sources: OData 4.01 Part 2 (URL Conventions) and its ABNF; where Microsoft
// Graph differs, the comment beside the code says so.
package odata
