//go:build unix

package govet

import (
	"os/exec"
	"syscall"
)

// killGroup puts the child in a process group of its own and has cancellation
// end the whole group: the go command starts compilers and vet tools.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
