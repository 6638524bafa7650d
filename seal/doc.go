// Package seal keeps secrets silent in memory and sealed at rest. It promises
// that a Secret prints as [secret] whatever prints it, and that a sealed value
// opens only with the key it was sealed with and in the place it was sealed for.
// It stores nothing but the key file, and does not decide who may use a secret.
package seal
