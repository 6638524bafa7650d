// Package entra obtains tokens from Microsoft Entra ID by the OAuth 2.0 client
// credentials grant, with a client secret or a certificate. It promises that
// whatever Entra refuses comes back as one sentence with what to do, and that
// credentials and tokens leave it only as seal.Secret or inside a request. It
// keeps nothing and renews nothing; package connect has the custody.
package entra
