package seal

// Hardening is what keeps this process's memory, and the secrets in it, from
// being read from outside.
type Hardening struct {
	// CoreDumps and Readable are "no" where the system was asked and says so, "yes"
	// where they are possible, and "unknown" where this system cannot be asked.
	CoreDumps string `json:"core_dumps"` // a crash writes memory to disk
	Readable  string `json:"readable"`   // other processes of this user may read it
}

// The answers of a Hardening.
const (
	yes     = "yes"
	no      = "no"
	unknown = "unknown"
)

// Complete says whether nothing can be read.
func (h Hardening) Complete() bool { return h.CoreDumps == no && h.Readable == no }
