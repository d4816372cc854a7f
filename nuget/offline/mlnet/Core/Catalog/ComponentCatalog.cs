using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>Finds the classes that load models, and the extensions that custom mappings name by contract.</summary>
public sealed class ComponentCatalog
{
    private readonly object _lock = new();
    private readonly HashSet<string> _cachedAssemblies = new();
    private readonly Dictionary<(string Name, Type Signature), LoadableClassInfo> _classesByKey = new();
    private readonly Dictionary<(Type AttributeType, string ContractName), Type> _extensionsMap = new();

    internal ComponentCatalog()
    {
    }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_lock)
        {
            if (!_cachedAssemblies.Add(assembly.FullName))
                return;
            foreach (var attr in assembly.GetCustomAttributes<LoadableClassAttributeBase>())
            {
                var loader = LoadableClassInfo.FindLoader(attr, out bool requireEnvironment);
                if (loader == null && throwOnError)
                    throw Contracts.Except($"Can't instantiate loadable class '{attr.InstanceType.Name}' with name '{attr.LoadNames[0]}'");
                AddClass(new LoadableClassInfo(attr, null, loader as ConstructorInfo, loader as MethodInfo, requireEnvironment), attr.LoadNames, throwOnError);
            }
            LoadExtensions(assembly, throwOnError);
        }
    }

    internal static bool TryCreateInstance<TRes, TSig>(IHostEnvironment env, out TRes result, string name, string options, params object[] extra)
        where TRes : class
    {
        if (!env.ComponentCatalog._classesByKey.TryGetValue((name.ToLowerInvariant().Trim(), typeof(TSig)), out var info))
        {
            result = null;
            return false;
        }
        if (info.ExtraArgCount != extra.Length)
        {
            throw env.Except("Wrong number of extra parameters for loadable class '{0}', need '{1}', given '{2}'",
                name, info.ExtraArgCount, extra.Length);
        }
        result = (TRes)info.CreateInstance(env, extra);
        return true;
    }

    internal object GetExtensionValue(IHostEnvironment env, Type attributeType, string contractName)
        => _extensionsMap.TryGetValue((attributeType, contractName), out var type)
            ? Activator.CreateInstance(type)
            : throw env.Except($"Unable to locate an extension for the contract '{contractName}'. Ensure you have called " +
                $"ComponentCatalog.RegisterAssembly with the Assembly that contains a class decorated with a '{attributeType.FullName}'.");

    private void AddClass(LoadableClassInfo info, string[] loadNames, bool throwOnError)
    {
        foreach (var signature in info.SignatureTypes)
        {
            foreach (string name in loadNames)
            {
                if (_classesByKey.TryAdd((name.ToLowerInvariant(), signature), info) || !throwOnError)
                    continue;
                throw Contracts.Except($"ComponentCatalog cannot map name '{name}' and SignatureType '{signature}' to {info.Type.Name}, already mapped.");
            }
        }
    }

    private void LoadExtensions(Assembly assembly, bool throwOnError)
    {
        // ML.NET's own assemblies hold no extensions and may name types that are not deployed.
        if (assembly.FullName.StartsWith("Microsoft.ML.", StringComparison.Ordinal))
            return;
        foreach (var type in assembly.GetTypes().Where(type => type.IsClass))
        {
            foreach (var attribute in type.GetCustomAttributes<ExtensionBaseAttribute>())
            {
                if (_extensionsMap.TryAdd((attribute.GetType(), attribute.ContractName), type) || !throwOnError)
                    continue;
                throw Contracts.Except($"An extension for '{attribute.GetType().Name}' with contract '{attribute.ContractName}' has already been registered in the ComponentCatalog.");
            }
        }
    }

    internal sealed class LoadableClassInfo
    {
        private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic;

        private readonly MethodBase _loader;
        private readonly bool _requireEnvironment;

        internal LoadableClassInfo(LoadableClassAttributeBase attr, MethodInfo getter, ConstructorInfo ctor, MethodInfo create, bool requireEnvironment)
        {
            Type = attr.InstanceType;
            SignatureTypes = attr.SigTypes;
            ExtraArgCount = attr.CtorTypes.Length - (attr.ArgType == null ? 0 : 1);
            _loader = getter ?? (MethodBase)ctor ?? create;
            _requireEnvironment = requireEnvironment;
        }

        public Type Type { get; }

        public IReadOnlyList<Type> SignatureTypes { get; }

        internal int ExtraArgCount { get; }

        /// <summary>The constructor or the static Create method, with an environment as first parameter or without.</summary>
        internal static MethodBase FindLoader(LoadableClassAttributeBase attr, out bool requireEnvironment)
        {
            Type[] withEnvironment = [typeof(IHostEnvironment), .. attr.CtorTypes];
            foreach (var types in (Type[][])[attr.CtorTypes, withEnvironment])
            {
                requireEnvironment = types == withEnvironment;
                var create = attr.LoaderType.GetMethod("Create", Any | BindingFlags.Static, null, types, null);
                if (create != null && create.DeclaringType == attr.LoaderType && create.ReturnType == attr.InstanceType)
                    return create;
                var ctor = attr.LoaderType.GetConstructor(Any | BindingFlags.Instance, null, types, null);
                if (ctor != null && attr.InstanceType.IsAssignableFrom(attr.LoaderType))
                    return ctor;
            }
            requireEnvironment = false;
            return null;
        }

        public object CreateInstance(IHostEnvironment env, object[] extra)
        {
            object[] args = _requireEnvironment ? [env, .. extra] : extra;
            try
            {
                return _loader switch
                {
                    ConstructorInfo ctor => ctor.Invoke(args),
                    MethodInfo create => create.Invoke(null, args),
                    _ => throw Contracts.Except("Can't instantiate class '{0}'", Type.Name),
                };
            }
            catch (TargetInvocationException ex) when (ex.InnerException?.IsMarked() == true)
            {
                throw Contracts.Except(null, ex, "Error during class instantiation");
            }
        }
    }
}
