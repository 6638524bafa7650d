package read

import "bytes"

// office is a kind of file that people keep plans in and that is no text: what it is
// called, how it begins, what stands in it where others begin alike, and how its text is
// got out.
type office struct{ called, begins, holds, instead string }

func offices() []office {
	const zip, compound = "PK\x03\x04", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
	const asPage = "Save it as a web page (filtered HTML) or as plain text, and name that file."
	return []office{
		{"a Word document (.docx)", zip, "word/document", asPage},
		{"an Excel workbook (.xlsx)", zip, "xl/workbook", "Save the sheet as CSV (UTF-8), and name that file."},
		{"a presentation (.pptx)", zip, "ppt/presentation", "Copy its text into a file, and name that."},
		{"an OpenDocument file", zip, "application/vnd.oasis.opendocument", asPage},
		{"an archive (ZIP)", zip, "", "Unpack it, and name the document that is in it."},
		{"an Office document or a mail of the older kind (.doc, .xls, .msg)", compound, "", asPage},
		{"a PDF", "%PDF-", "", "Save it as text, or copy its text into a file, and name that."},
		{"an RTF document", `{\rtf`, "", asPage},
	}
}

// officeOf says which of them a file is. PDF and RTF may look like text, but what stands
// between their marks is not what people read.
func officeOf(raw []byte) (office, bool) {
	for _, o := range offices() {
		if bytes.HasPrefix(raw, []byte(o.begins)) && bytes.Contains(raw, []byte(o.holds)) {
			return o, true
		}
	}
	return office{}, false
}
