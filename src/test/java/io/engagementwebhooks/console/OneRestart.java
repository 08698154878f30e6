package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;

/**
 * Tests of what is there after a restart, which takes long: a method that returns an {@link Executable} prepares a part, the
 * product restarts once for all of them, and what the methods returned looks at the parts.
 */
final class OneRestart {

    private OneRestart() {}

    /** @param test its methods with that result are tests */
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
