// Package expr reads, prints and evaluates OData expressions: the filters and
// sort keys of Microsoft Graph's queries, and the literals and argument lists
// that stand in its paths. Parsing what it printed gives back the same value.
// It refuses functions and operators that it does not know, and knows no
// schema: a property that a document lacks is null.
//
// Sources: OData 4.01 Part 2 (URL Conventions) and its ABNF; where Microsoft
// Graph differs, the comment beside the code says so.
package expr
