// Command examples is witness 1: Microsoft's documented examples against a
// simulated tenant, with each kind of token that the documentation allows.
//
// It does with the checker what the checker alone cannot: it lends every request
// a token with no more than the least permission that Microsoft's table names for
// it, wants the documented refusal where a kind of token opens nothing, and
// replays with prepared victims what the checker leaves out as unsafe. It shares
// no code with the product; its facts are Microsoft's files.
package main
