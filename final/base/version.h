#pragma once
/*
 * version: which duct this is.
 */
#ifndef VERSION
#define VERSION "0.1"
#endif
