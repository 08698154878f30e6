package io.engagementwebhooks.contentsquare;

/**
 * The answer of a batch that was taken.
 *
 * @param status 2xx
 * @param body complete text, at most 64 KiB, often empty
 */
public record ContentsquareAnswer(int status, String body) {}
