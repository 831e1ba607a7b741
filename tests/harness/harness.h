/*
 * harness: everything a suite needs, in one include.
 *
 *   trial.h    what a suite is made of; environment variables
 *   expect.h   expect_int(), expect_str(), ...: end the trial on a difference
 *   duct.h     duct("run", ...), container(...), expect_exit(), ...
 *   spawn.h    start any program: user, stdin, terminal, deadline
 *   kernel.h   /proc: namespaces, children, status of a process
 *   mounts.h   mountinfo, parsed
 *   scratch.h  copies of the root file system, files
 *   host.h     what was left behind
 *   deny.h     a system call that fails
 *   keep.h     memory that lives until the trial ends
 *   lan.h      other machines, and what is sent between them
 *   fence.h    how the host is protected meanwhile
 */
#pragma once
#include "deny.h"
#include "duct.h"
#include "expect.h"
#include "fence.h"
#include "host.h"
#include "keep.h"
#include "kernel.h"
#include "lan.h"
#include "mounts.h"
#include "scratch.h"
#include "spawn.h"
#include "trial.h"
