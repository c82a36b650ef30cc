/* added_odds.h - whether contexts whose odds are added are part of a build (modes/contexts/quick.h). */
#ifndef N1_BASE_ADDED_ODDS_H
#define N1_BASE_ADDED_ODDS_H
#ifndef N1_ADDED_ODDS
/* 0: for a program that decodes no more than it encodes, and is some kilobytes smaller. Its encoder asks of no level whether mixing is worth
 * its time, and its decoder takes blocks of added odds for damaged ones. */
#define N1_ADDED_ODDS 1
#endif
#endif
