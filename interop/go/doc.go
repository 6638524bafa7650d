// Package interop lets Microsoft's own Go SDKs, unmodified, work against the
// simulated tenant: azidentity and MSAL sign in, msgraph-sdk-go calls. What the
// tests expect is what Microsoft documents, named by the page's address below
// learn.microsoft.com/graph; nothing is taken from this repository's code.
//
// interop/run.sh starts the tenant and runs the tests. They find it by
// GRAPHWARDEN_READY, the path of its ready file, and trust it by SSL_CERT_FILE.
package interop
