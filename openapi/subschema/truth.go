package subschema

// truth is the answer of an evaluation that may meet what it does not know.
type truth int8

const (
	no    truth = -1
	maybe truth = 0
	yes   truth = 1
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) and(u truth) truth { return min(t, u) }
func (t truth) or(u truth) truth  { return max(t, u) }
func (t truth) not() truth        { return -t }
