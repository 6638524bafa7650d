// Package grants tells the truth in the tenant: what each registration was really
// granted, in Entra and in Exchange, beside what its flows need and what they used;
// and what every other app of the tenant may do. It promises that what could not be
// read is said to be unknown, with the reason, and that nothing is changed but by an
// administrator who signed in for it, after the difference was shown, and proven by
// reading again. It never holds a permission to change anything by itself.
package grants
