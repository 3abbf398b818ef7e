import endSession from '../host/end-session.pl'
import { perlCalls } from '../host/perl-calls'
import running from './runc-supervisor.pl'

/** The supervisor of a fleet, for the host's perl. */
export const runcSupervisorScript = `use strict; use POSIX ();${perlCalls}${endSession}${running}`
