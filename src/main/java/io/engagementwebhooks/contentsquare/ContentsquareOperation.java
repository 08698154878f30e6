package io.engagementwebhooks.contentsquare;

/** The operations, named as in the endpoint's path: {@code contentsquare:enrichments}. */
public enum ContentsquareOperation {
    /** Sends enrichments of sessions. */
    enrichments,

    /** Sends the message's body as it is to a path of the API. */
    request
}
