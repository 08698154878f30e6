package io.engagementwebhooks.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.store.Store;
import org.junit.jupiter.api.Test;

/** Tests that intercept a method of the store notice when it is renamed. */
class InterceptedStoreTest {

    @Test
    void a_method_that_does_not_exist_cannot_be_intercepted() {
        InterceptedStore store = InterceptedStore.of(null);
        assertEquals(
                "neither Store nor a role of it has a method 'saveOutcome', so nothing would be intercepted;"
                        + " name the method as it is called now",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> store.on("saveOutcome", (arguments, real) -> real.proceed()))
                        .getMessage());
    }

    @Test
    void methods_of_the_store_and_of_its_roles_are_intercepted() {
        Store store = InterceptedStore.of(null)
                .on("size", (arguments, real) -> 7L)
                .on("dueCount", (arguments, real) -> 3L)
                .build();
        assertEquals(7, store.size());
        assertEquals(3, store.due().dueCount(null, null, 10));
    }
}
