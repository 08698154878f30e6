package io.engagementwebhooks.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;

/** Closes what a test opened, the latest first. */
public abstract class TestResources {

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Closes it after the test, and after the methods of the class that run then. */
    public <T extends AutoCloseable> T opened(T part) {
        opened.push(part);
        return part;
    }

    @AfterEach
    void closeAll() throws Exception {
        Exception failure = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
