package io.engagementwebhooks.contentsquare;

/**
 * The response to an accepted batch.
 *
 * @param status 2xx
 * @param body complete text, at most 64 KiB, often empty
 */
public record ContentsquareAnswer(int status, String body) {}
