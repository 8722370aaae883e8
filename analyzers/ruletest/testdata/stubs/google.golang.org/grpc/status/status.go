// Package status has the declarations that fixtures use.
package status

import "google.golang.org/grpc/codes"

type Status struct {
	code codes.Code
	msg  string
}

func New(c codes.Code, msg string) *Status               { return &Status{c, msg} }
func Error(c codes.Code, msg string) error               { return New(c, msg).Err() }
func Errorf(c codes.Code, format string, a ...any) error { return New(c, format).Err() }
func FromError(err error) (s *Status, ok bool)           { return &Status{}, false }
func Convert(err error) *Status                          { return &Status{} }
func Code(err error) codes.Code                          { return Convert(err).Code() }
func (s *Status) Code() codes.Code                       { return s.code }
func (s *Status) Message() string                        { return s.msg }
func (s *Status) Err() error                             { return statusError{s} }

type statusError struct{ s *Status }

func (e statusError) Error() string { return e.s.msg }
