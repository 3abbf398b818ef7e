# Where the init and the supervisor meet: a socket in the network namespace of the helper, in which there is nobody else.
sub meeting { pack('S a*', 1, "\0docker-bash") }
