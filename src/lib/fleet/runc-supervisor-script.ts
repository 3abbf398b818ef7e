import endSession from '../host/end-session.pl'
import { perlCalls } from '../host/perl-calls'
import running from './runc-supervisor.pl'

/** The runner of a fleet, for the host's perl. */
export const runnerScript = `use strict; use POSIX ();${perlCalls}${endSession}${running}`
