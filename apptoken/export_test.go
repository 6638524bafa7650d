package apptoken

// The times that tests go by.
const (
	FreshFor = freshFor
	GoodFor  = goodFor
	TryEvery = tryEvery
	Skew     = skew
)

// Read takes a token apart; of a good one it gives what the signature is of, the signature
// and the times between which it is valid.
func Read(text string) (signed, signature []byte, notBefore, expires int64, err error) {
	t, err := read(text)
	return t.signed, t.sign, t.claims.NotBefore, t.claims.Expires, err
}
