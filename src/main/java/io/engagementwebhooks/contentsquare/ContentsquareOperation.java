package io.engagementwebhooks.contentsquare;

/** What the component can do, named as in the endpoint's path: {@code contentsquare:enrichments}. */
public enum ContentsquareOperation {
    /** Sends enrichments of sessions. */
    enrichments
}
