package report

import (
	"encoding/xml"
	"fmt"
	"io"
)

// encodeXML writes v as an indented XML 1.0 document in UTF-8. What XML 1.0 cannot
// hold, such as most control characters (W3C, "Extensible Markup Language", 2.2),
// appears as U+FFFD.
func encodeXML(w io.Writer, v any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write XML: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write XML: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write XML: %w", err)
	}
	return nil
}
