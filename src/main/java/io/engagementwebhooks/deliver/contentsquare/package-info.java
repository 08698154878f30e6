/** The Contentsquare branch of the deliver routes: maps an event to an enrichment of its session. */
package io.engagementwebhooks.deliver.contentsquare;
