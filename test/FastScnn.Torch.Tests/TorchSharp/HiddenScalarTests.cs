using System.Reflection;
using System.Reflection.Emit;
using FastScnn.Torch.Network;
using TorchSharp;

namespace FastScnn.Torch.Tests.TorchSharpFacts;

/// <summary>Methods of TorchSharp that make a number for libtorch and forget it, so that its finalizer may free the
/// number while libtorch reads it: a + b is among them. See src/FastScnn.Torch/Network/ScalarOperations.cs.</summary>
public class HiddenScalarTests
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    [Test]
    public void The_library_calls_none_of_them()
    {
        HashSet<MethodBase> forgetful = Forgetful(typeof(torch).Assembly);
        Assert.That(forgetful.Select(method => $"{method.DeclaringType!.Name}.{method.Name}"),
            Does.Contain("Tensor.op_Addition").And.Contain("Tensor.add_").And.Contain("torch.arange"));

        string[] found =
        [
            .. from method in Methods(typeof(ScalarOperations).Assembly)
               from called in Calls(method)
               where forgetful.Contains(Definition(called))
                   || (MakesScalar(called) && method.DeclaringType != typeof(ScalarOperations))
               select $"{method.DeclaringType!.FullName}.{method.Name} calls {called.DeclaringType!.Name}.{called}",
        ];

        Assert.That(found, Is.Empty);
    }

    private static HashSet<MethodBase> Forgetful(Assembly torchSharp)
    {
        (MethodBase Method, MethodBase[] Calls)[] all =
        [
            .. Methods(torchSharp).Where(method => method.DeclaringType != typeof(Scalar) && !MakesScalar(method))
                .Select(method => (method, Calls(method).ToArray())),
        ];
        HashSet<MethodBase> forgetful =
        [
            .. all.Where(item => item.Calls.Any(MakesScalar)).Select(item => item.Method)
        ];
        while (all.Where(item => !forgetful.Contains(item.Method)
            && item.Calls.Any(called => forgetful.Contains(Definition(called)))).ToArray() is { Length: > 0 } callers)
            forgetful.UnionWith(callers.Select(item => item.Method));
        return forgetful;
    }

    private static bool MakesScalar(MethodBase method) =>
        (method.DeclaringType == typeof(Scalar) && (method is ConstructorInfo || method.Name == "op_Implicit"))
        || method.Name == "ToScalar";

    private static IEnumerable<MethodBase> Methods(Assembly assembly) =>
        assembly.GetTypes().SelectMany(type => type.GetMembers(Everything)).OfType<MethodBase>();

    private static MethodBase Definition(MethodBase method) =>
        method.DeclaringType is { IsGenericType: true } || method.IsGenericMethod
            ? method.Module.ResolveMethod(method.MetadataToken)! : method;

    // Reads the instructions of a method as ECMA-335, partition III, lays them out.
    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int at = 0; at < code.Length;)
        {
            OpCode instruction = s_codes[code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at]];
            at += instruction.Size;
            if (instruction.OperandType == OperandType.InlineMethod)
                yield return method.Module.ResolveMethod(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }
}
