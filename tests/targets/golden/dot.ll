; ModuleID = "dot"
target triple = "unknown-unknown-unknown"
target datalayout = ""

define i64 @"online"(ptr noalias %"user", ptr noalias %"ids userId", ptr noalias %"item", ptr noalias %"ids itemId", ptr noalias %"the target", float %"the rate", ptr noalias %"the runs", i64 %"the n_runs", ptr noalias %"the losses")
{
entry:
  %".11" = alloca [4128 x i32]
  %".12" = alloca double
  %".13" = icmp slt i64 0, %"the n_runs"
  br i1 %".13", label %"each.run", label %"after.run"
each.run:
  %"run" = phi  i64 [0, %"entry"], [%".96", %"after.j"]
  %".15" = mul i64 %"run", 5
  %".16" = getelementptr inbounds i64, ptr %"the runs", i64 %".15"
  %".17" = load i64, ptr %".16", align 8
  %".18" = getelementptr inbounds i64, ptr %".16", i64 1
  %".19" = load i64, ptr %".18", align 8
  %".20" = getelementptr inbounds i64, ptr %".16", i64 2
  %".21" = load i64, ptr %".20", align 8
  %".22" = getelementptr inbounds i64, ptr %".16", i64 3
  %".23" = load i64, ptr %".22", align 8
  %".24" = getelementptr inbounds i64, ptr %".16", i64 4
  %".25" = load i64, ptr %".24", align 8
  %".26" = add i64 %".21", 8
  %".27" = trunc i64 %".25" to i32
  call void @"shuffle"(ptr %".11", i64 %".17", i64 %".19", i64 %".26", i64 %".23", i32 %".27")
  store double              0x0, ptr %".12"
  %".30" = icmp slt i64 0, %".21"
  br i1 %".30", label %"each.j", label %"after.j"
each.j:
  %"j" = phi  i64 [0, %"each.run"], [%".90", %"each.j.endif"]
  %".32" = getelementptr inbounds i32, ptr %".11", i64 %"j"
  %".33" = load i32, ptr %".32", align 4
  %"example" = zext i32 %".33" to i64
  %".34" = getelementptr inbounds i32, ptr %"ids userId", i64 %"example"
  %".35" = load i32, ptr %".34", align 4
  %"row of user" = zext i32 %".35" to i64
  %".36" = mul i64 %"row of user", 4
  %".37" = getelementptr inbounds float, ptr %"user", i64 %".36"
  %"user.1" = load <4 x float>, ptr %".37", align 4
  %".38" = getelementptr inbounds i32, ptr %"ids itemId", i64 %"example"
  %".39" = load i32, ptr %".38", align 4
  %"row of item" = zext i32 %".39" to i64
  %".40" = mul i64 %"row of item", 4
  %".41" = getelementptr inbounds float, ptr %"item", i64 %".40"
  %"item.1" = load <4 x float>, ptr %".41", align 4
  %".42" = getelementptr inbounds float, ptr %"the target", i64 %"example"
  %"target" = load float, ptr %".42", align 4
  ; %1 = dot_general dimension_numbers=(((0,),(0,)),((),())) user item   test_llvm_kernel.py
  %".44" = fmul contract reassoc nsz arcp <4 x float> %"user.1", %"item.1"
  %"1" = call arcp contract nsz reassoc float @"llvm.vector.reduce.fadd.v4f32"(float              0x0, <4 x float> %".44")
  ; %2 = sub %1 target   rowwise/models/losses.py
  %"2" = fsub contract reassoc nsz arcp float %"1", %"target"
  ; %3 = integer_pow y=2 %2   rowwise/models/losses.py
  %"3" = fmul contract reassoc nsz arcp float %"2", %"2"
  ; %4 = mul 2 %2   rowwise/models/losses.py
  %"4" = fmul contract reassoc nsz arcp float 0x4000000000000000, %"2"
  ; %5 = dot_general dimension_numbers=(((),()),((),())) %4 user   test_llvm_kernel.py
  %".53" = insertelement <4 x float> poison, float %"4", i32 0
  %".54" = shufflevector <4 x float> %".53", <4 x float> poison, <4 x i32> zeroinitializer
  %"5" = fmul contract reassoc nsz arcp <4 x float> %".54", %"user.1"
  ; %6 = dot_general dimension_numbers=(((),()),((),())) %4 item   test_llvm_kernel.py
  %".57" = insertelement <4 x float> poison, float %"4", i32 0
  %".58" = shufflevector <4 x float> %".57", <4 x float> poison, <4 x i32> zeroinitializer
  %"6" = fmul contract reassoc nsz arcp <4 x float> %".58", %"item.1"
  %".60" = mul i64 %"row of user", 4
  %".61" = getelementptr inbounds float, ptr %"user", i64 %".60"
  ; %7 = neg user.learning_rate   transform.py
  %"7" = fneg contract reassoc nsz arcp float %"the rate"
  ; %8 = mul %7 user.gradient   transform.py
  %".65" = insertelement <4 x float> poison, float %"7", i32 0
  %".66" = shufflevector <4 x float> %".65", <4 x float> poison, <4 x i32> zeroinitializer
  %"8" = fmul contract reassoc nsz arcp <4 x float> %".66", %"6"
  ; %9 = add user.row %8   update.py
  %"9" = fadd contract reassoc nsz arcp <4 x float> %"user.1", %"8"
  %".70" = mul i64 %"row of item", 4
  %".71" = getelementptr inbounds float, ptr %"item", i64 %".70"
  ; %10 = neg item.learning_rate   transform.py
  %"10" = fneg contract reassoc nsz arcp float %"the rate"
  ; %11 = mul %10 item.gradient   transform.py
  %".75" = insertelement <4 x float> poison, float %"10", i32 0
  %".76" = shufflevector <4 x float> %".75", <4 x float> poison, <4 x i32> zeroinitializer
  %"11" = fmul contract reassoc nsz arcp <4 x float> %".76", %"5"
  ; %12 = add item.row %11   update.py
  %"12" = fadd contract reassoc nsz arcp <4 x float> %"item.1", %"11"
  store <4 x float> %"9", ptr %".61", align 4
  store <4 x float> %"12", ptr %".71", align 4
  %".82" = call float @"llvm.fabs.f32"(float %"3")
  %".83" = fcmp uge float %".82", 0x7ff0000000000000
  br i1 %".83", label %"each.j.if", label %"each.j.endif", !prof !0
each.j.if:
  ret i64 %"example"
each.j.endif:
  %".86" = load double, ptr %".12"
  %".87" = fpext float %"3" to double
  %".88" = fadd double %".86", %".87"
  store double %".88", ptr %".12"
  %".90" = add i64 %"j", 1
  %".91" = icmp slt i64 %".90", %".21"
  br i1 %".91", label %"each.j", label %"after.j"
after.j:
  %".93" = load double, ptr %".12"
  %".94" = getelementptr inbounds double, ptr %"the losses", i64 %"run"
  store double %".93", ptr %".94", align 8
  %".96" = add i64 %"run", 1
  %".97" = icmp slt i64 %".96", %"the n_runs"
  br i1 %".97", label %"each.run", label %"after.run"
after.run:
  ret i64 -1
}


