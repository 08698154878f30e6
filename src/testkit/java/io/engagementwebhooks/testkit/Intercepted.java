package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.Store;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Intercepts the calls of a store and its roles. */
public final class Intercepted {

    private Intercepted() {}

    /** Calls the real store. */
    public interface Proceeding {
        Object proceed() throws Throwable;
    }

    /** Handles calls. */
    public interface Interceptor {
        Object call(String method, Object[] arguments, Proceeding real) throws Throwable;
    }

    /** @param real may be null if the interceptor handles all calls */
    public static Store store(Store real, Interceptor interceptor) {
        return proxy(Store.class, real, interceptor);
    }

    private static <T> T proxy(Class<T> type, T real, Interceptor interceptor) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> isRole(type, method)
                        ? role(method, real, interceptor)
                        : interceptor.call(method.getName(), arguments, () -> invoke(method, real, arguments))));
    }

    private static boolean isRole(Class<?> type, Method method) {
        return type == Store.class
                && method.getReturnType().isInterface()
                && method.getReturnType().getPackage() == Store.class.getPackage();
    }

    @SuppressWarnings("unchecked")
    private static Object role(Method method, Object real, Interceptor interceptor) throws Throwable {
        Class<Object> type = (Class<Object>) method.getReturnType();
        return proxy(type, real == null ? null : invoke(method, real), interceptor);
    }

    private static Object invoke(Method method, Object real, Object... arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
