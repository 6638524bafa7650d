package graphwarden

import "time"

// Upload is a file that an app has handed in to be attached to one message of its own.
type Upload struct {
	ID      string // as apps know it, upl_…
	App     string
	Size    int64    // bytes, as announced
	Digest  [32]byte // SHA-256 of the content; zero until all of it is here
	Whole   bool     // all of it is here
	Intent  string   // the write that takes it along; "": none yet
	MadeAt  time.Time
	Expires time.Time // when it is forgotten that no message takes along
}

// Attached is how a message names an upload that it takes along.
type Attached struct {
	Upload      string `json:"upload"`
	Name        string `json:"name"` // of the file, unlike any other of the message
	ContentType string `json:"type,omitempty"`
	ContentID   string `json:"cid,omitempty"`
	Inline      bool   `json:"inline,omitempty"`
	Size        int64  `json:"size"` // bytes
}
