package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;

/**
 * Runs tests over one restart, which takes long: methods that return an {@link Executable} prepare data, the product
 * restarts once, and their results check the data.
 */
final class OneRestart {

    private OneRestart() {}

    /** @param test methods with that return type are tests */
    static List<DynamicTest> of(Object test, Runnable restart) throws IllegalAccessException {
        Map<String, Executable> after = new TreeMap<>();
        for (Method method : test.getClass().getDeclaredMethods()) {
            if (method.getReturnType() == Executable.class) {
                after.put(method.getName(), prepared(method, test));
            }
        }
        assertFalse(after.isEmpty());
        restart.run();
        return after.entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), each.getValue()))
                .toList();
    }

    private static Executable prepared(Method method, Object test) throws IllegalAccessException {
        try {
            return (Executable) method.invoke(test);
        } catch (InvocationTargetException e) {
            return () -> {
                throw e.getCause();
            };
        }
    }
}
