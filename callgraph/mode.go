package callgraph

// A ModeSet is a set of ways in which a request fails. The empty set of a Layer
// stands for all of them.
type ModeSet uint32

// The ways in which a request fails, as the one who sent it sees them.
const (
	Refused ModeSet = 1 << iota // the connection could not be made: nothing was sent
	Reset                       // the connection broke after sending
	Hang                        // no answer in time
	// Opaque failures are errors that no longer tell what happened, such as
	// what a wrapper returns.
	OpaqueError

	Status408
	Status425
	Status429
	Status4xx // any other client error
	Status500
	Status502
	Status503
	Status504
	Status5xx // any other server error

	GRPCUnavailable
	GRPCDeadlineExceeded
	GRPCResourceExhausted
	GRPCAborted
	GRPCInternal
	GRPCUnknown
	GRPCPermanent // InvalidArgument, NotFound, PermissionDenied … that a repeat cannot cure

	lastMode
)

// AllModes holds every mode of failure.
const AllModes = lastMode - 1
