package apptoken

// The times that tests go by.
const (
	FreshFor = freshFor
	GoodFor  = goodFor
	TryEvery = tryEvery
	Skew     = skew
)
