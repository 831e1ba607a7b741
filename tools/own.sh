#!/bin/sh
# own.sh PATH...: whatever root made there goes to the owner of the clone.
. "$(dirname "$0")/lib.sh"

give_back "$@"
