"use strict";(()=>{var A,gr,xn,De,wn,Lt,hr,Dt,br,kn,Sn,yr,lt=Symbol.for("pv"),$t={},Ut=[],bi=/^m(i|n|o|s|text|space)$/,Vt=Array.isArray,Nn=Ut.slice,We=Object.assign;function Ke(e){e&&e.parentNode&&e.remove()}function ct(e,t,r){var o,s,i,a={},u=arguments.length;for(i in t)i=="key"?o=t[i]:i=="ref"&&typeof e!="function"?s=t[i]:a[i]=t[i];return u>2&&(a.children=u>3?Nn.call(arguments,2):r),ut(e,a,o,s,null)}function ut(e,t,r,o,s){var i={type:e,props:t,key:r,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:lt,__v:s||++gr,__i:-1,__u:0};return!s&&A.vnode&&A.vnode(i),i}function y(e){return e.children}function Se(e,t){this.props=e,this.context=t,this.__g=0}function Oe(e,t){if(t==null)return e.__&&Oe(e.__,e.__i+1);for(var r;t<e.__k.length;t++)if((r=e.__k[t])&&r.__e)return r.__e;return typeof e.type!="function"||e.props.__P?null:Oe(e)}function yi(e){var t,r=e.__v,o=r.__e,s=[],i=[],a=e.__P;a&&((t=We({constructor:lt},r)).__v=r.__v+1,A.vnode&&A.vnode(t),Cn(a,t,r,e.__n,a.namespaceURI,32&r.__u?[o]:null,s,o||Oe(r),32&r.__u,i),t.__v=r.__v,t.__.__k[t.__i]=t,xr(s,t,i),r.__=r.__e=null,t.__e!=o&&vr(t))}function vr(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),vr(e)}function En(e){(8&e.__g||(e.__g|=8,De.push(e),Lt++))&&wn==A.debounceRendering||((wn=A.debounceRendering)||queueMicrotask)(_r)}function _r(){try{for(var e,t=1;De.length;)De.length>t&&De.sort(hr),e=De.shift(),t=De.length,8&e.__g&&yi(e)}finally{(Lt=De.length)&&(wn||queueMicrotask)(_r)}}function wr(e,t,r,o,s,i,a,u,l,c,d){var g,m,p,f,b,v,x=o.__k||Ut,S=t.length;for(l=vi(r,t,x,l,S),g=0;g<S;g++)(p=r.__k[g])!=null&&(m=~p.__i&&x[p.__i]||$t,p.__i=g,v=Cn(e,p,m,s,i,a,u,l,c,d),f=p.__e,(m.ref!=p.ref||8&m.__u)&&(m.ref&&Pn(m.ref,null,p,m),p.ref&&d.push(p.ref,p.__c||f,p)),b=b||f,4&p.__u?(l=Sr(p,l,e,!m.__v),m.__e&&(m.__e=null)):typeof p.type=="function"&&v!==void 0?l=v:f&&(l=f.nextSibling),p.__u&=-21);return r.__e=b,l}function vi(e,t,r,o,s){var i,a,u,l,c,d,g,m,p,f=r.length,b=f,v=0,x=0,S=e.__k=Array(s);for(i=0;i<s;i++)(a=t[i])!=null&&typeof a!="boolean"&&typeof a!="function"?(typeof a!="object"||a.constructor===String?a=S[i]=ut(null,a):Vt(a)?a=S[i]=ut(y,{children:a}):a.constructor===lt&&a.__b?a=S[i]=ut(a.type,a.props,a.key,a.ref,a.__v):S[i]=a,l=i+v,a.__=e,a.__b=e.__b+1,u=null,~(c=a.__i=_i(a,r,l,b))&&(b--,(u=r[c])&&(u.__u|=2)),u&&u.__v?(a.__u|=16,c==l-1?v--:c==l+1?v++:c!=l&&(c>l?v--:v++,x=1)):(~c||(s>f?v--:s<f&&v++),typeof a.type!="function"&&(a.__u|=4))):S[i]=null;if(x){for(d=[],g=[],i=0;i<s;i++)if((a=S[i])&&16&a.__u){for(v=0,m=d.length;v<m;)d[p=v+m>>1]<a.__i?v=p+1:m=p;d[v]=a.__i,g[i]=v+1}for(v=d.length;i--;)g[i]&&(g[i]==v?v--:S[i].__u|=4)}if(b)for(i=0;i<f;i++)!(u=r[i])||2&u.__u||(u.__e==o&&(o=Oe(u)),Rn(u,u));return o}function Sr(e,t,r,o){var s,i,a,u;if(typeof e.type=="function"){if(e.props.__P)return t;if(s=e.__k)for(i=0;i<s.length;i++)s[i]&&(s[i].__=e,t=Sr(s[i],t,r,!1));return t}for(t&&!t.parentNode&&(t=Oe(e))&&!t.parentNode&&(t=null),a=e.__e,u=t;u&&u.nodeType==8;)u=u.nextSibling;for(a!=u&&(!o&&r.moveBefore&&a.parentNode?r.moveBefore(a,t):r.insertBefore(a,t||null)),t=a;(t=t&&t.nextSibling)&&t.nodeType==8&&!t.data.startsWith("$s"););return t}function An(e,t){return t=t||[],e!=null&&typeof e!="boolean"&&(Vt(e)?e.some(function(r){An(r,t)}):t.push(e)),t}function _i(e,t,r,o){var s,i=e.key,a=e.type,u=t[r],l=u&&!(2&u.__u);if(u===null&&i==null||l&&i==u.key&&a==u.type)return r;if(o>(l?1:0)){for(s=r-1;s>=0;s--)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s;for(s=r+1;s<t.length;s++)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s}return-1}function fr(e,t,r){r==null&&(r=""),t[0]=="-"?e.setProperty(t,r):e[t]=r}function Mt(e,t,r,o,s){var i,a;if(t=="style")if(typeof r=="string")e.style.cssText=r;else{if(typeof o=="string"&&(e.style.cssText=o=""),o)for(t in o)r&&t in r||fr(e.style,t);if(r)for(t in r)o&&r[t]==o[t]||fr(e.style,t,r[t])}else if(t[0]=="o"&&t[1]=="n")typeof r!="function"&&(r=null),typeof o!="function"&&(o=null),(e.__e||(e.__e={}))[t]=r,r&&o||(a=Sn[t]||(Sn[t]=wi(t)),(e.__a||(e.__a={}))[t]=kn,i=t!=(t=t.replace(br,"$1")),(t=t.slice(2))[0]<"a"&&(t=t.toLowerCase()),r?e.addEventListener(t,a,i):e.removeEventListener(t,a,i));else{if(s=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{return void(e[t]=r??"")}catch{}if(typeof r=="function")return;r==null||r===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&r==1?"":r)}}function wi(e){return function(t){var r=this.__e;if(r){if(r=r[e],t[Dt]==null)t[Dt]=kn++;else if(t[Dt]<this.__a[e])return;return r(A.event?A.event(t):t)}}}function Cn(e,t,r,o,s,i,a,u,l,c){var d,g,m,p,f,b,v,x,S,k,O,ye,ve,Me,de,Be,_e,we,he=t.type;if(t.constructor!==lt)return null;128&r.__u&&(l=32&r.__u,d=r.__c.__z)&&(t.__u|=l,g=i=[],d.nodeType==8?u=Ot(d,i):i.push(d),u=i[0]||u),(d=A.__b)&&d(t);e:if(typeof he=="function"){m=a.length;try{if(x=t.props,S=(d=he.prototype)&&d.render,k=(d=he.contextType)&&o[d.__c],O=d?k?k.props.value:d.__:o,(p=r.__c)?(t.__c=p,2&p.__g&&(p.__g|=1)):(S?t.__c=p=new he(x,O):(t.__c=p=new Se(x,O),p.constructor=he,p.render=Ei),k&&k.sub(p),p.state||(p.state={}),p.__n=o,p.__g|=8,p.__h=[],p.__k=[]),S&&(p.__s||(p.__s=p.state),he.getDerivedStateFromProps&&(p.__s==p.state&&(p.__s=We({},p.__s)),We(p.__s,he.getDerivedStateFromProps(x,p.__s)))),f=p.props,b=p.state,p.__v=t,r.__c){if(x!==f&&S&&!he.getDerivedStateFromProps&&p.componentWillReceiveProps&&p.componentWillReceiveProps(x,O),t.__v==r.__v&&!(8&p.__g)||!(4&p.__g)&&p.shouldComponentUpdate&&p.shouldComponentUpdate(x,p.__s,O)===!1){t.__v!=r.__v&&(p.props=x,p.state=p.__s,p.__g&=-9),t.__e=r.__e,t.__k=r.__k,t.__k.some(function(ae){ae&&(ae.__=t)}),Ut.push.apply(p.__h,p.__k),p.__k=[],p.__h.length&&a.push(p),u=Oe(r);break e}p.componentWillUpdate&&p.componentWillUpdate(x,p.__s,O),S&&p.componentDidUpdate&&p.__h.push(function(){p.componentDidUpdate(f,b,v)})}else S&&!he.getDerivedStateFromProps&&p.componentWillMount&&p.componentWillMount(),S&&p.componentDidMount&&p.__h.push(p.componentDidMount);p.context=O,p.props=x,p.__P=e,p.__g&=-5,ye=A.__r,ve=S?25:0;do p.__g&=-9,ye&&ye(t),d=p.render(p.props,p.state=p.__s,p.context);while(8&p.__g&&++ve<25);S&&(Ut.push.apply(p.__h,p.__k),p.__k=[]),p.state=p.__s,p.getChildContext&&(o=We({},o,p.getChildContext())),S&&r.__c&&p.getSnapshotBeforeUpdate&&(v=p.getSnapshotBeforeUpdate(f,b)),Me=d&&d.type===y&&d.key==null?d.props.children:d,x.__P&&(d=u,s=(e=x.__P).namespaceURI,l=i=null,r.props&&r.props.__P!=e&&(r.__k.some(function(ae){ae&&Rn(ae,ae)}),r.__k=null),u=r.__k?Oe(r,0):null),u=wr(e,Vt(Me)?Me:[Me],t,r,o,s,i,a,u,l,c),x.__P&&(t.__e=null,u=d),t.__u&=-161,g&&g.some(Ke),p.__h.length&&a.push(p),1&p.__g&&(p.__g&=-4)}catch(ae){if(a.length=m,t.__v=null,l||i)if(ae&&ae.then){if(t.__u|=128|l,i){for(~(_e=i.indexOf(u||void 0))||(_e=i.length);(we=i[_e-1])&&we.nodeType==8;)_e--;for(;_e<i.length;_e++)if(we=i[_e])if(i[_e]=null,de){if(we==Be)break}else{if(we.nodeType!=8)break;we.data.startsWith("$s")&&(Be=Ot(de=we))}}if(!de){for(;u&&u.nodeType==8&&u.nextSibling;)u=u.nextSibling;de=u}(d=Ot(de=t.__c.__z||(t.__c.__z=de)))?(t.__e=de,u=d):t.__e=u,u=u&&u.nextSibling}else i&&i.some(Ke);else t.__e=r.__e;t.__k||(t.__k=r.__k||[]),ae&&ae.then||Er(t),A.__e(ae,t,r)}}else u=t.__e=Si(r.__e,t,r,o,s,i,a,l,c,e);return(d=A.diffed)&&d(t),u}function Ot(e,t){if(e&&e.nodeType==8&&e.data.startsWith("$s"))for(var r=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith("$s"))r++;else if(e.data.startsWith("/$s")&&!--r)return e}t&&t.push(e)}}function Er(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(Er))}function xr(e,t,r){for(var o=0;o<r.length;)Pn(r[o++],r[o++],r[o++]);A.__c&&A.__c(t,e),e.some(function(s){try{e=s.__h,s.__h=[],e.some(function(i){i.call(s)})}catch(i){A.__e(i,s.__v)}})}function Si(e,t,r,o,s,i,a,u,l,c){var d,g,m,p,f,b,v,x,S=r.props||$t,k=t.props,O=t.type;if(O=="svg"?s="http://www.w3.org/2000/svg":O=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),i){for(d=0;d<i.length;d++)if((f=i[d])&&(O?f.localName==O:f.nodeType==3)){e=f,i[d]=null;break}}if(!e){if(x=c.ownerDocument||document,!O)return x.createTextNode(k);e=x.createElementNS(s,O,k.is?k:c),u&&(A.__m&&A.__m(t,i),u=!1),i=null}if(O){if(c=O=="template"&&e.content||e,i=O=="textarea"&&k.defaultValue!=null?null:i&&Nn.call(c.childNodes),!u&&i)for(S={},d=0;d<e.attributes.length;d++)S[(f=e.attributes[d]).name]=f.value;for(d in S)f=S[d],d=="dangerouslySetInnerHTML"?m=f:d=="children"||d in k||d=="value"&&"defaultValue"in k||d=="checked"&&"defaultChecked"in k||Mt(e,d,null,f,s);for(d in k)f=k[d],d=="children"?p=f:d=="dangerouslySetInnerHTML"?g=f:d=="value"?b=f:d=="checked"?v=f:u&&typeof f!="function"||S[d]===f||Mt(e,d,f,S[d],s);g?(u||m&&(g.__html==m.__html||g.__html==e.innerHTML)||(e.innerHTML=g.__html),t.__k=[]):(m&&(e.textContent=""),(O=="foreignObject"||s=="http://www.w3.org/1998/Math/MathML"&&bi.test(O))&&(s="http://www.w3.org/1999/xhtml"),wr(c,Vt(p)?p:[p],t,r,o,s,i,a,i?i[0]:r.__k&&Oe(r,0),u,l),i&&i.some(Ke)),u&&O!="textarea"||(d="value",O=="progress"&&b==null?e.removeAttribute(d):b==null||b===e[d]&&(O!="progress"||b)||Mt(e,d,b,S[d],s),d="checked",v!=null&&v!=e[d]&&Mt(e,d,v,S[d],s))}else S===k||u&&e.data==k||(e.data=k);return e}function Pn(e,t,r,o){try{typeof e=="function"?t?t.__x=e(t)||1:o&&(o=o.__c||o.__e)&&(t=o.__x)&&(o.__x=null,typeof t=="function"?t():e(null)):e.current=t}catch(s){A.__e(s,r)}}function Rn(e,t,r){var o,s,i,a;if(A.unmount&&A.unmount(e),!(o=e.ref)||o.current&&o.current!=e.__e||Pn(o,null,t,e),o=e.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(u){A.__e(u,t)}o.__P=o.__n=null}if(o=e.__k)for(a=0;a<o.length;a++)o[a]&&Rn(o[a],t,typeof e.type!="function"||r&&!e.props.__P);!r&&(o=e.__c)&&(o=o.__z)&&(s=Ot(o,i=[]))&&(o==e.__e&&i.some(Ke),Ke(s),Ke(o)),r||Ke(e.__e),e.__e=e.__c=e.__=null}function Ei(e,t,r){return this.constructor(e,r)}function In(e,t){var r,o,s,i;A.__&&A.__(e,t),t.nodeType==9&&(t=t.documentElement),o=(r=e&&32&e.__u)?null:t.__k,t.__k=ut(y,{children:[e]}),s=[],i=[],Cn(t,t.__k,o||$t,$t,t.namespaceURI,o?null:t.firstChild?Nn.call(t.childNodes):null,s,o?o.__e:t.firstChild,r,i),xr(s,t.__k,i),t.__k.props.children=null}function Ft(e){function t(r){var o,s;return this.getChildContext||(o=new Set,(s={})[t.__c]=this,this.getChildContext=function(){return s},this.shouldComponentUpdate=function(i){this.props.value!=i.value&&o.forEach(function(a){a.__g|=4,En(a)})},this.sub=function(i){o.add(i);var a=i.componentWillUnmount;i.componentWillUnmount=function(){o.delete(i),a&&a.call(i)}}),r.children}return t.__c="__cC"+yr++,t.__=e,t.Provider=(t.Consumer=function(r,o){return r.children(o)}).contextType=t,t}A={__e:function(e,t,r,o){for(var s,i,a;t=t.__;)if((s=t.__c)&&!(1&s.__g)){s.__g|=4;try{if((a=(i=s.constructor)&&i.getDerivedStateFromError)&&s.setState(i.getDerivedStateFromError(e)),s.componentDidCatch&&(s.componentDidCatch(e,o||{}),a=1),a&&8&s.__g)return void(s.__g|=2)}catch(u){e=u}}throw Lt=0,e}},gr=0,xn=function(e){return e!=null&&e.constructor===lt},Se.prototype.setState=function(e,t){var r=this.__s;r&&r!=this.state||(r=this.__s=We({},this.state)),typeof e=="function"&&(e=e(We({},r),this.props)),e&&(We(r,e),this.__v&&(t&&this.__k.push(t),En(this)))},Se.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),En(this))},Se.prototype.render=y,De=[],Lt=0,hr=function(e,t){return e.__v.__b-t.__v.__b},Dt=Symbol(),br=/(PointerCapture)$|Capture$/i,kn=0,Sn={},yr=0;var qe,B,Tn,kr,Mn=Object.is,pt=0,Dr=[],Dn=[],G=A,Nr=G.__b,Ar=G.__r,Cr=G.diffed,Pr=G.__c,Rr=G.unmount,Ir=G.__;function mt(e,t){G.__h&&G.__h(B,e,pt||t),pt=0;var r=B.__H||(B.__H={__:[],__h:[]});return e>=r.__.length&&r.__.push({}),r.__[e]}function h(e){return pt=1,Or($r,e)}function Or(e,t,r){var o=mt(qe++,2);if(o.t=e,!o.__c&&(o.__=[r?r(t):$r(void 0,t),function(i){var a=(o.__N||o.__)[0],u=o.t(a,i);Mn(a,u)||(o.__N=[u,o.__[1]],o.__c.setState({}))}],o.__c=B,!B.__f)){B.__f=!0;var s=B.shouldComponentUpdate;B.shouldComponentUpdate=function(i,a,u){var l=this.__H;if(!l)return!0;var c=!1,d=this.props!=i;if(l.__.some(function(m){m.__N&&(c=!0,Mn(m.__[0],m.__N[0])||(d=!0))}),s){var g=s.call(this,i,a,u);return c?g||d:g}return!c||d}}return o.__}function ne(e,t){var r=mt(qe++,3);!G.__s&&Lr(r.__H,t)&&(r.__P=!0,r.__=e,r.u=t,B.__H.__h.push(r))}function Xe(e){return pt=5,Le(function(){return{current:e}},[])}function Le(e,t){var r=mt(qe++,7);return Lr(r.__H,t)&&(r.__=e(),r.__H=t),r.__}function ft(e,t){return pt=8,Le(function(){return e},t)}function Ln(e){var t=B.context[e.__c],r=mt(qe++,9);return r.c=e,t?(r.__==null&&(r.__=!0,t.sub(B)),t.props.value):e.__}function gt(){var e=mt(qe++,11);if(!e.__){for(var t=B.__v;!t.__m&&t.__;)t=t.__;var r=t.__m||(t.__m=[0,0]);e.__="P"+r[0]+"-"+r[1]++}return e.__}function xi(){var e;do{for(;e=Dn.shift();)try{dt(e)}catch(r){G.__e(r,{__:(e=e.__P)&&e.__v})}for(;e=Dr.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(dt),t.__h.some(On),t.__h=[]}catch(r){t.__h=[],G.__e(r,e.__v)}}}while(Dn.length)}G.__b=function(e){B=null,Nr&&Nr(e)},G.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),Ir&&Ir(e,t)},G.__r=function(e){Ar&&Ar(e),qe=0;var t=(B=e.__c).__H;t&&(Tn==B?B.__h=[]:(t.__h.some(dt),t.__h.some(On),qe=0),t.__h=[],t.__.some(function(r){r.__N&&(r.__=r.__N),r.u=r.__N=void 0})),Tn=B},G.diffed=function(e){Cr&&Cr(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&Mr(Dr.push(t)),t.__H.__.some(function(r){r.u&&(r.__H=r.u)})),Tn=B=null},G.__c=function(e,t){t.some(function(r){try{r.__h.some(dt),r.__h=r.__h.filter(function(o){return!o.__||On(o)})}catch(o){r.__h=[function(){throw o}]}}),Pr&&Pr(e,t)},G.unmount=function(e){Rr&&Rr(e);var t,r,o=e.__c;o&&o.__H&&(o.__H.__.some(function(s){try{if(s.__P&&s.__c){if(r===void 0){for(r=e.__;r&&(!r.__c||!r.__c.__P);)r=r.__;r=r&&r.__c}s.__P=r,Mr(Dn.push(s))}else dt(s)}catch(i){t=i}}),o.__H=void 0,t&&G.__e(t,o.__v))};var Tr=typeof requestAnimationFrame=="function";function ki(e){var t,r=function(){clearTimeout(o),Tr&&cancelAnimationFrame(t),setTimeout(e)},o=setTimeout(r,35);Tr&&(t=requestAnimationFrame(r))}function Mr(e){e!=1&&kr==G.requestAnimationFrame||((kr=G.requestAnimationFrame)||ki)(xi)}function dt(e){var t=B,r=e.__c;typeof r=="function"&&(e.__c=void 0,r()),B=t}function On(e){var t=B;e.__c=e.__(),B=t}function Lr(e,t){return!e||e.length!=t.length||t.some(function(r,o){return!Mn(r,e[o])})}function $r(e,t){return typeof t=="function"?t(e):t}var Ni=Symbol.for("preact-signals");function qt(){if(Re>1)Re--;else{var e,t=!1;for((function(){var s=Kt;for(Kt=void 0;s!==void 0;){var i=s.S;if(i.v===s.v)for(var a=i.t;a!==void 0;a=a.x)a.i===s.i&&(a.i=i.i);s=s.o}})();bt!==void 0;){var r=bt;for(bt=void 0,Bt++;r!==void 0;){var o=r.u;if(r.u=void 0,r.f&=-3,!(8&r.f)&&Vr(r))try{r.c()}catch(s){t||(e=s,t=!0)}r=o}}if(Bt=0,Re--,t)throw e}}function $e(e){if(Re>0)return e();$n=++Ai,Re++;try{return e()}finally{qt()}}var ht,V=void 0;function yt(e){var t=V,r=ht;V=void 0,ht=void 0;try{return e()}finally{V=t,ht=r}}var bt=void 0,Re=0,Bt=0,Ai=0,$n=0,Kt=void 0,Wt=0;function Ur(e){if(V!==void 0){var t=e.n;if(t===void 0||t.t!==V)return t={i:0,S:e,p:V.s,n:void 0,t:V,e:void 0,x:void 0,r:t},V.s!==void 0&&(V.s.n=t),V.s=t,e.n=t,32&V.f&&e.S(t),t;if(t.i===-1)return t.i=0,t.n!==void 0&&(t.n.p=t.p,t.p!==void 0&&(t.p.n=t.n),t.p=V.s,t.n=void 0,V.s.n=t,V.s=t),t}}function H(e,t){this.v=e,this.i=0,this.n=void 0,this.t=void 0,this.l=0,this.W=t?.watched,this.Z=t?.unwatched,this.name=t?.name}H.prototype.brand=Ni;H.prototype.h=function(){return!0};H.prototype.S=function(e){var t=this,r=this.t;r!==e&&e.e===void 0&&(e.x=r,this.t=e,r!==void 0?r.e=e:yt(function(){var o;(o=t.W)==null||o.call(t)}))};H.prototype.U=function(e){var t=this;if(this.t!==void 0){var r=e.e,o=e.x;r!==void 0&&(r.x=o,e.e=void 0),o!==void 0&&(o.e=r,e.x=void 0),e===this.t&&(this.t=o,o===void 0&&yt(function(){var s;(s=t.Z)==null||s.call(t)}))}};H.prototype.subscribe=function(e){var t=this;return be(function(){var r=t.value;yt(function(){return e(r)})},{name:"sub"})};H.prototype.valueOf=function(){return this.value};H.prototype.toString=function(){return this.value+""};H.prototype.toJSON=function(){return this.value};H.prototype.peek=function(){var e=this;return yt(function(){return e.value})};Object.defineProperty(H.prototype,"value",{get:function(){var e=Ur(this);return e!==void 0&&(e.i=this.i),this.v},set:function(e){if(e!==this.v){if(Bt>100)throw new Error("Cycle detected");(function(r){Re!==0&&Bt===0&&r.l!==$n&&(r.l=$n,Kt={S:r,v:r.v,i:r.i,o:Kt})})(this),this.v=e,this.i++,Wt++,Re++;try{for(var t=this.t;t!==void 0;t=t.x)t.t.N()}finally{qt()}}}});function U(e,t){return new H(e,t)}function Vr(e){for(var t=e.s;t!==void 0;t=t.n)if(t.S.i!==t.i||!t.S.h()||t.S.i!==t.i)return!0;return!1}function Fr(e){for(var t=e.s;t!==void 0;t=t.n){var r=t.S.n;if(r!==void 0&&(t.r=r),t.S.n=t,t.i=-1,t.n===void 0){e.s=t;break}}}function Br(e){for(var t=e.s,r=void 0;t!==void 0;){var o=t.p;t.i===-1?(t.S.U(t),o!==void 0&&(o.n=t.n),t.n!==void 0&&(t.n.p=o)):r=t,t.S.n=t.r,t.r!==void 0&&(t.r=void 0),t=o}e.s=r}function Ge(e,t){H.call(this,void 0,t),this.x=e,this.s=void 0,this.g=Wt-1,this.f=4}Ge.prototype=new H;Ge.prototype.h=function(){if(this.f&=-3,1&this.f)return!1;if((36&this.f)==32||(this.f&=-5,this.g===Wt))return!0;if(this.g=Wt,this.f|=1,this.i>0&&!Vr(this))return this.f&=-2,!0;var e=V;try{Fr(this),V=this;var t=this.x();(16&this.f||this.v!==t||this.i===0)&&(this.v=t,this.f&=-17,this.i++)}catch(r){this.v=r,this.f|=16,this.i++}return V=e,Br(this),this.f&=-2,!0};Ge.prototype.S=function(e){if(this.t===void 0){this.f|=36;for(var t=this.s;t!==void 0;t=t.n)t.S.S(t)}H.prototype.S.call(this,e)};Ge.prototype.U=function(e){if(this.t!==void 0&&(H.prototype.U.call(this,e),this.t===void 0)){this.f&=-33;for(var t=this.s;t!==void 0;t=t.n)t.S.U(t)}};Ge.prototype.N=function(){if(!(2&this.f)){this.f|=6;for(var e=this.t;e!==void 0;e=e.x)e.t.N()}};Object.defineProperty(Ge.prototype,"value",{get:function(){if(1&this.f)throw new Error("Cycle detected");var e=Ur(this);if(this.h(),e!==void 0&&(e.i=this.i),16&this.f)throw this.v;return this.v}});function pe(e,t){return new Ge(e,t)}function Kr(e){var t=e.j;if(e.j=void 0,typeof t=="function"){Re++;var r=V;V=void 0;try{t()}catch(o){throw e.f&=-2,e.f|=8,Un(e),o}finally{V=r,qt()}}}function Un(e){for(var t=e.s;t!==void 0;t=t.n)t.S.U(t);e.x=void 0,e.s=void 0,Kr(e)}function Ci(e){if(V!==this)throw new Error("Out-of-order effect");Br(this),V=e,this.f&=-2;try{8&this.f&&Un(this)}finally{qt()}}function Ze(e,t){this.x=e,this.j=void 0,this.s=void 0,this.u=void 0,this.f=32,this.name=t?.name,ht&&ht.push(this)}Ze.prototype.c=function(){var e=this.S();try{if(8&this.f||this.x===void 0)return;var t=this.x();typeof t=="function"&&(this.j=t)}finally{e()}};Ze.prototype.S=function(){if(1&this.f)throw new Error("Cycle detected");this.f|=1,this.f&=-9,Kr(this),Fr(this),Re++;var e=V;return V=this,Ci.bind(this,e)};Ze.prototype.N=function(){2&this.f||(this.f|=2,this.u=bt,bt=this)};Ze.prototype.d=function(){this.f|=8,1&this.f||Un(this)};Ze.prototype.dispose=function(){this.d()};function be(e,t){var r=new Ze(e,t);try{r.c()}catch(s){throw r.d(),s}var o=r.d.bind(r);return o[Symbol.dispose]=o,o}var Wr,Ht,Gt,Pi=typeof window<"u"&&!!window.__PREACT_SIGNALS_DEVTOOLS__;var qr=[];be(function(){Wr=this.N})();function et(e,t){A[e]=t.bind(null,A[e]||function(){})}function vt(e){if(Gt){var t=Gt;Gt=void 0,t()}Gt=e&&e.S()}function Gr(e){var t=this,r=e.data,o=Ii(r);o.name="ReactiveDom",o.value=r;var s=Le(function(){for(var u=t,l=t.__v;l=l.__;)if(l.__c){l.__c.__$f|=4;break}var c=pe(function(){var p=o.value.value;return p===0?0:p===!0?"":p||""}),d=pe(function(){return!Array.isArray(c.value)&&!xn(c.value)}),g=be(function(){if(this.N=Hr,d.value){var p=c.value;u.__v&&u.__v.__e&&u.__v.__e.nodeType===3&&(u.__v.__e.data=p)}}),m=t.__$u.d;return t.__$u.d=function(){g(),m.call(this)},[d,c]},[]),i=s[0],a=s[1];return i.value?a.peek():a.value}Gr.displayName="ReactiveTextNode";Object.defineProperties(H.prototype,{constructor:{configurable:!0,value:ct(y,null).constructor},type:{configurable:!0,value:Gr},props:{configurable:!0,get:function(){var e=this;return{data:{get value(){return e.value}}}}},__b:{configurable:!0,value:1}});et("__b",function(e,t){if(vt(),Ht=void 0,typeof t.type=="string"){var r,o=t.props;for(var s in o)if(s!=="children"){var i=o[s];i instanceof H&&(r||(t.__np=r={}),r[s]=i,o[s]=i.peek())}}e(t)});et("__r",function(e,t){if(e(t),t.type!==y){vt();var r,o=t.__c;o&&(o.__$f&=-2,(r=o.__$u)===void 0&&(o.__$u=r=(function(s,i){var a;return be(function(){a=this},{name:i}),a.c=s,a})((function(s){return function(){var i;Pi&&((i=this.y)==null||i.call(this)),s.__$f|=1,s.setState({})}})(o),typeof t.type=="function"?t.type.displayName||t.type.name:""))),Ht=o,vt(r)}});et("__e",function(e,t,r,o){vt(),Ht=void 0,e(t,r,o)});et("diffed",function(e,t){vt(),Ht=void 0;var r;if(typeof t.type=="string"&&(r=t.__e)){var o=t.__np,s=t.props,i=r.U;if(i)for(var a in i){var u=i[a];u===void 0||o&&a in o||(u.d(),i[a]=void 0)}if(o){i||(i={},r.U=i);for(var l in o){var c=i[l],d=o[l];c===void 0?(c=Ri(r,l,d,s),i[l]=c):c.o(d,s)}}}e(t)});function Ri(e,t,r,o){var s=t in e&&e.ownerSVGElement===void 0,i=U(r);return{o:function(a,u){i.value=a,o=u},d:be(function(){this.N=Hr;var a=i.value.value;o[t]!==a&&(o[t]=a,s?e[t]=a:a!=null&&(a!==!1||t[4]==="-")?e.setAttribute(t,a):e.removeAttribute(t))})}}et("unmount",function(e,t){if(typeof t.type=="string"){var r=t.__e;if(r){var o=r.U;if(o){r.U=void 0;for(var s in o){var i=o[s];i&&i.d()}}}var a=t.__np;if(a){var u=t.props;for(var l in a)u[l]=a[l]}t.__np=void 0}else{var c=t.__c;if(c){c.__$f|=8;var d=c.__$u;d&&(c.__$u=void 0,d.d())}}e(t)});et("__h",function(e,t,r,o){o<3&&(t.__$f|=2),e(t,r,o)});Se.prototype.shouldComponentUpdate=function(e,t){if(this.__R)return!0;var r=this.__$u,o=r&&r.s!==void 0;for(var s in t)return!0;if(this.__f||typeof this.u=="boolean"&&this.u===!0){var i=2&this.__$f;if(!(o||i||4&this.__$f)||1&this.__$f)return!0}else if(!(o||4&this.__$f)||3&this.__$f)return!0;for(var a in e)if(a!=="__source"&&e[a]!==this.props[a])return!0;for(var u in this.props)if(!(u in e))return!0;return!1};function Ii(e,t){return Le(function(){return U(e,t)},[])}var Ti=function(e){queueMicrotask(function(){queueMicrotask(e)})};function Mi(){$e(function(){for(var e;e=qr.shift();)Wr.call(e)})}function Hr(){qr.push(this)===1&&(A.requestAnimationFrame||Ti)(Mi)}function le(e){return e===null?"null":Array.isArray(e)?"array":typeof e}function Ue(e){return le(e)==="object"}function Di(e){return Array.isArray(e)&&e.length>0&&e.every(t=>"message"in t)}function Vn(e,t){return e.length<124?e:t}var Qr="graphql-transport-ws";var me=(e=>(e[e.InternalServerError=4500]="InternalServerError",e[e.InternalClientError=4005]="InternalClientError",e[e.BadRequest=4400]="BadRequest",e[e.BadResponse=4004]="BadResponse",e[e.Unauthorized=4401]="Unauthorized",e[e.Forbidden=4403]="Forbidden",e[e.SubprotocolNotAcceptable=4406]="SubprotocolNotAcceptable",e[e.ConnectionInitialisationTimeout=4408]="ConnectionInitialisationTimeout",e[e.ConnectionAcknowledgementTimeout=4504]="ConnectionAcknowledgementTimeout",e[e.SubscriberAlreadyExists=4409]="SubscriberAlreadyExists",e[e.TooManyInitialisationRequests=4429]="TooManyInitialisationRequests",e))(me||{}),fe=(e=>(e.ConnectionInit="connection_init",e.ConnectionAck="connection_ack",e.Ping="ping",e.Pong="pong",e.Subscribe="subscribe",e.Next="next",e.Error="error",e.Complete="complete",e))(fe||{});function jr(e){if(!Ue(e))throw new Error(`Message is expected to be an object, but got ${le(e)}`);if(!e.type)throw new Error("Message is missing the 'type' property");if(typeof e.type!="string")throw new Error(`Message is expects the 'type' property to be a string, but got ${le(e.type)}`);switch(e.type){case"connection_init":case"connection_ack":case"ping":case"pong":{if(e.payload!=null&&!Ue(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object or nullish or missing, but got "${e.payload}"`);break}case"subscribe":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${le(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Ue(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${le(e.payload)}`);if(typeof e.payload.query!="string")throw new Error(`"${e.type}" message payload expects the 'query' property to be a string, but got ${le(e.payload.query)}`);if(e.payload.variables!=null&&!Ue(e.payload.variables))throw new Error(`"${e.type}" message payload expects the 'variables' property to be a an object or nullish or missing, but got ${le(e.payload.variables)}`);if(e.payload.operationName!=null&&le(e.payload.operationName)!=="string")throw new Error(`"${e.type}" message payload expects the 'operationName' property to be a string or nullish or missing, but got ${le(e.payload.operationName)}`);if(e.payload.extensions!=null&&!Ue(e.payload.extensions))throw new Error(`"${e.type}" message payload expects the 'extensions' property to be a an object or nullish or missing, but got ${le(e.payload.extensions)}`);break}case"next":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${le(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Ue(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${le(e.payload)}`);break}case"error":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${le(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!Di(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an array of GraphQL errors, but got ${JSON.stringify(e.payload)}`);break}case"complete":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${le(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);break}default:throw new Error(`Invalid message 'type' property "${e.type}"`)}return e}function Yr(e,t){return jr(typeof e=="string"?JSON.parse(e,t):e)}function tt(e,t){return jr(e),JSON.stringify(e,t)}function Bn(e){let{url:t,connectionParams:r,lazy:o=!0,onNonLazyError:s=console.error,lazyCloseTimeout:i=0,keepAlive:a=0,disablePong:u,connectionAckWaitTimeout:l=0,retryAttempts:c=5,retryWait:d=async function($){let N=Math.pow(2,$);await new Promise(M=>setTimeout(M,N*1e3+Math.floor(Math.random()*2700+300)))},shouldRetry:g=Fn,on:m,webSocketImpl:p,generateID:f=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,$=>{let N=Math.random()*16|0;return($=="x"?N:N&3|8).toString(16)})},jsonMessageReplacer:b,jsonMessageReviver:v}=e,x;if(p){if(!Li(p))throw new Error("Invalid WebSocket implementation provided");x=p}else typeof WebSocket<"u"?x=WebSocket:typeof global<"u"?x=global.WebSocket||global.MozWebSocket:typeof window<"u"&&(x=window.WebSocket||window.MozWebSocket);if(!x)throw new Error("WebSocket implementation missing; on Node you can `import WebSocket from 'ws';` and pass `webSocketImpl: WebSocket` to `createClient`");let S=x,k=(()=>{let R=(()=>{let N={};return{on(M,W){return N[M]=W,()=>{delete N[M]}},emit(M){"id"in M&&N[M.id]?.(M)}}})(),$={connecting:m?.connecting?[m.connecting]:[],opened:m?.opened?[m.opened]:[],connected:m?.connected?[m.connected]:[],ping:m?.ping?[m.ping]:[],pong:m?.pong?[m.pong]:[],message:m?.message?[R.emit,m.message]:[R.emit],closed:m?.closed?[m.closed]:[],error:m?.error?[m.error]:[]};return{onMessage:R.on,on(N,M){let W=$[N];return W.push(M),()=>{let q=W.indexOf(M);q>-1&&W.splice(q,1)}},emit(N,...M){for(let W of[...$[N]])W(...M)}}})();function O(R){let $=[k.on("error",N=>{$.forEach(M=>M()),R(N)}),k.on("closed",N=>{$.forEach(M=>M()),R(N)})];return()=>$.forEach(N=>N())}let ye,ve=0,Me,de=!1,Be=0,_e=!1;async function we(){clearTimeout(Me);let[R,$]=await(ye??(ye=new Promise((W,q)=>(async()=>{if(de){if(await d(Be),!ve)return ye=void 0,q({code:1e3,reason:"All Subscriptions Gone"});Be++}k.emit("connecting",de);let I=new S(typeof t=="function"?await t():t,Qr),Pe,ze;function Tt(){isFinite(a)&&a>0&&(clearTimeout(ze),ze=setTimeout(()=>{I.readyState===S.OPEN&&(I.send(tt({type:fe.Ping})),k.emit("ping",!1,void 0))},a))}O(te=>{ye=void 0,clearTimeout(Pe),clearTimeout(ze),q(te),te instanceof _t&&(I.close(4499,"Terminated"),I.onerror=null,I.onclose=null)}),I.onerror=te=>k.emit("error",te),I.onclose=te=>k.emit("closed",te),I.onopen=async()=>{try{k.emit("opened",I);let te=typeof r=="function"?await r():r;if(I.readyState!==S.OPEN)return;I.send(tt(te?{type:fe.ConnectionInit,payload:te}:{type:fe.ConnectionInit},b)),isFinite(l)&&l>0&&(Pe=setTimeout(()=>{I.close(me.ConnectionAcknowledgementTimeout,"Connection acknowledgement timeout")},l)),Tt()}catch(te){k.emit("error",te),I.close(me.InternalClientError,Vn(te instanceof Error?te.message:String(te),"Internal client error"))}};let Je=!1;I.onmessage=({data:te})=>{try{let J=Yr(te,v);if(k.emit("message",J),J.type==="ping"||J.type==="pong"){k.emit(J.type,!0,J.payload),J.type==="pong"?Tt():u||(I.send(tt(J.payload?{type:fe.Pong,payload:J.payload}:{type:fe.Pong},b)),k.emit("pong",!1,J.payload));return}if(Je)return;if(J.type!==fe.ConnectionAck)throw new Error(`First message cannot be of type ${J.type}`);clearTimeout(Pe),Je=!0,k.emit("connected",I,J.payload,de),de=!1,Be=0;let mr=new Promise((bu,hi)=>O(hi));mr.catch(()=>{}),W([I,mr])}catch(J){I.onmessage=null,k.emit("error",J),I.close(me.BadResponse,Vn(J instanceof Error?J.message:String(J),"Bad response"))}}})())));R.readyState===S.CLOSING&&await $;let N=()=>{},M=new Promise(W=>N=W);return[R,N,new Promise((W,q)=>{let I=O(q);R.readyState!==S.OPEN&&$.catch(q),M.then(()=>{if(I(),!ve){let Pe=()=>R.close(1e3,"Normal Closure");isFinite(i)&&i>0?(clearTimeout(Me),Me=setTimeout(()=>{!ve&&R.readyState===S.OPEN&&Pe()},i)):Pe()}W()})})]}function he(R){if(Fn(R)&&(Oi(R.code)||[me.InternalServerError,me.InternalClientError,me.BadRequest,me.BadResponse,me.Unauthorized,me.SubprotocolNotAcceptable,me.SubscriberAlreadyExists,me.TooManyInitialisationRequests].includes(R.code)))throw R;if(_e)return!1;if(Fn(R)&&R.code===1e3)return ve>0;if(!c||Be>=c||!g(R))throw R;return de=!0}o||(async()=>{for(ve++;;)try{let[,,R]=await we();await R}catch(R){try{if(!he(R))return}catch($){return s?.($)}}})();function ae(R,$){let N=f(R),M=!1,W=!1,q=()=>{ve--,M=!0};return(async()=>{for(ve++;;)try{let[I,Pe,ze]=await we();if(M)return ze.catch(()=>{}),Pe();let Tt=k.onMessage(N,Je=>{switch(Je.type){case fe.Next:{$.next(Je.payload);return}case fe.Error:{W=!0,M=!0,$.error(Je.payload),q();return}case fe.Complete:{M=!0,q();return}}});I.send(tt({id:N,type:fe.Subscribe,payload:R},b)),q=()=>{!M&&I.readyState===S.OPEN&&I.send(tt({id:N,type:fe.Complete},b)),ve--,M=!0,Pe()},await ze.finally(Tt);return}catch(I){if(!he(I))return}})().then(()=>{W||$.complete()}).catch(I=>{$.error(I)}),()=>{M||q()}}return{on:k.on,subscribe:ae,iterate(R){let $=[],N={done:!1,error:null,resolve:()=>{}},M=ae(R,{next(q){$.push(q),N.resolve()},error(q){N.done=!0,N.error=q,N.resolve()},complete(){N.done=!0,N.resolve()}}),W=(async function*(){for(;;){for($.length||await new Promise(I=>N.resolve=I);$.length;)yield $.shift();if(N.error)throw N.error;if(N.done)return}})();return W.throw=async q=>(N.done||(N.done=!0,N.error=q,N.resolve()),{done:!0,value:void 0}),W.return=async()=>(M(),{done:!0,value:void 0}),W},async dispose(){if(_e=!0,ye){let[R]=await ye;R.close(1e3,"Normal Closure")}},terminate(){ye&&k.emit("closed",new _t)}}}var _t=class extends Error{name="TerminatedCloseEvent";message="4499: Terminated";code=4499;reason="Terminated";wasClean=!1};function Fn(e){return Ue(e)&&"code"in e&&"reason"in e}function Oi(e){return[1e3,1001,1006,1005,1012,1013,1014].includes(e)?!1:e>=1e3&&e<=1999}function Li(e){return typeof e=="function"&&"constructor"in e&&"CLOSED"in e&&"CLOSING"in e&&"CONNECTING"in e&&"OPEN"in e}var Qt=class extends Error{code;field;constructor(t,r,o){super(r),this.code=t,this.field=o}},zr=3e4,X=null,Kn=null,Jr=new Set,jt=new BroadcastChannel("otpwire-session");jt.onmessage=({data:e})=>{switch(e.type){case"token":X&&(X=e.token);break;case"signed-in":wt("changed-elsewhere");break;case"signed-out":X=null,wt("signed-out")}};function wt(e){for(let t of Jr)t(e)}function Xr(e){Jr.add(e)}async function Yt(){return X&&X.expiresAt-zr>Date.now()?X.value:X?He():null}function He(){return Kn??=$i(Ui).finally(()=>Kn=null),Kn}async function $i(e){let t=X;return navigator.locks?navigator.locks.request("otpwire-session",()=>e(t)):e(t)}async function Ui(e){if(X&&X!==e&&X.expiresAt-zr>Date.now())return X.value;let t=await zt("/session/refresh");if(t.status===204){let r=X!==null;return X=null,r&&wt("signed-out"),null}return Wn(await t.json())}function Wn({access_token:e,expires_in:t}){return X={value:e,expiresAt:Date.now()+t*1e3},jt.postMessage({type:"token",token:X}),e}async function St(e){let t=await zt("/session",e);Wn(await t.json()),jt.postMessage({type:"signed-in"}),wt("signed-in")}async function Zr(e,t,r){let o=await zt("/session/password",{current_password:e,new_password:t,revoke_api_keys:r},await Yt());Wn(await o.json())}async function qn(){await zt("/session/end"),X=null,jt.postMessage({type:"signed-out"}),wt("signed-out")}async function zt(e,t,r){let o={accept:"application/json"};t&&(o["content-type"]="application/json"),r&&(o.authorization=`Bearer ${r}`);let s;try{s=await fetch(e,{method:"POST",headers:o,...t&&{body:JSON.stringify(t)}})}catch{throw new Qt("OFFLINE","The server cannot be reached.")}if(s.ok)return s;let i=await s.json().catch(()=>null);throw new Qt(i?.code??"UNAVAILABLE",i?.details?.issue??i?.message??`The server answered ${s.status}.`,i?.details?.field)}var ue=class extends Error{code;field;details;constructor(t,r,o={}){super(r),this.code=t,this.field=typeof o.field=="string"?o.field:void 0,this.details=o}},Vi=new Set(["TOKEN_EXPIRED","SESSION_ENDED","UNAUTHENTICATED"]);function Hn({message:e,extensions:t={}}){return new ue(t.code??"INTERNAL",t.issue??e,t)}async function w(e,...[t]){let r=await Yt().catch(Gn),o=await to(e,t,r);if(r&&o.errors?.some(({extensions:s})=>Vi.has(s?.code??""))){let s=await He().catch(Gn);if(s)return eo(await to(e,t,s))}return eo(o)}function eo({data:e,errors:t}){if(t?.[0])throw Hn(t[0]);if(!e)throw new ue("INTERNAL","The server answered without data.");return e}async function to(e,t,r){let o=await fetch("/graphql",{method:"POST",headers:{accept:"application/graphql-response+json","content-type":"application/json",...r&&{authorization:`Bearer ${r}`}},body:JSON.stringify({query:e.toString(),variables:t})}).catch(Gn);return o.json().catch(()=>{throw new ue("UNAVAILABLE",`The server answered ${o.status}.`)})}function Gn(){throw new ue("OFFLINE","The server cannot be reached.")}var Fi=1e4,no=5e3;function oo(e,t){let r=Date.now(),o,s,i=new Promise(u=>s=u),a=Bn({url:`${location.protocol==="https:"?"wss:":"ws:"}//${location.host}/graphql`,connectionParams:async()=>({Authorization:`Bearer ${await Yt()}`}),retryAttempts:0,connectionAckWaitTimeout:no*2,keepAlive:Fi,on:{connected:t,message:()=>r=Date.now(),ping:u=>{u||(o=setTimeout(()=>a.terminate(),no))},pong:()=>clearTimeout(o),closed:u=>{clearTimeout(o),s(ro(u))}}});for(let{document:u,variables:l,next:c}of e)a.subscribe({query:u.toString(),...l&&{variables:l}},{next:({data:d,errors:g})=>{let m=g?.[0];m?s(Hn(m)):d&&c(d)},error:d=>s(ro(d)),complete:()=>s(null)});return{ended:i,close:()=>{a.dispose()},heardAt:()=>r}}function ro(e){return Array.isArray(e)&&e[0]?Hn(e[0]):e instanceof CloseEvent&&(e.code===4401||e.code===4403)?new ue("UNAUTHENTICATED",e.reason):e instanceof ue?e:null}var _=class extends String{__apiType;value;__meta__;constructor(t,r){super(t),this.value=t,this.__meta__=r}toString(){return this.value}},Uu=new _(`
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}
    `,{fragmentName:"ProviderSummary"}),Vu=new _(`
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  channel
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}
    `,{fragmentName:"InboxMessage"}),Fu=new _(`
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}
    `,{fragmentName:"RentedNumber"}),so=new _(`
    query Viewer {
  viewer {
    id
    email
    firstName
    lastName
    role
    plan
    emailVerified
  }
}
    `),io=new _(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user {
      id
      emailVerified
    }
  }
}
    `),ao=new _(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    message
  }
}
    `),Jt=new _(`
    mutation ResendVerificationEmail($input: MailInput!) {
  resendVerificationEmail(input: $input) {
    message
  }
}
    `),uo=new _(`
    mutation RequestPasswordReset($input: MailInput!) {
  requestPasswordReset(input: $input) {
    message
  }
}
    `),lo=new _(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    message
  }
}
    `),co=new _(`
    mutation UpdateViewer($input: UpdateViewerInput!) {
  updateViewer(input: $input) {
    user {
      id
      firstName
      lastName
    }
  }
}
    `),po=new _(`
    query Sessions {
  sessions {
    id
    isCurrent
    userAgent
    ipAddress
    createdAt
    lastUsedAt
  }
}
    `),mo=new _(`
    mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    message
  }
}
    `),fo=new _(`
    mutation LogOutEverywhere {
  logOutEverywhere {
    message
  }
}
    `),go=new _(`
    query ApiKeys {
  apiKeys {
    id
    name
    prefix
    scopes
    createdAt
    lastUsedAt
    expiresAt
  }
}
    `),ho=new _(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey {
      id
    }
  }
}
    `),bo=new _(`
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    message
  }
}
    `),yo=new _(`
    query Overview {
  stats {
    messageCount
    openConnectionCount
    phoneNumbers {
      available
      assigned
      expired
      blocked
    }
    users {
      total
      active
      premium
    }
    webhooks {
      received
      duplicate
      quarantined
      unroutable
      failed
    }
  }
}
    `),nt=new _(`
    query Providers($first: Int!, $after: String) {
  providers(first: $first, after: $after) {
    nodes {
      ...ProviderSummary
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),vo=new _(`
    query Provider($id: ID!) {
  node(id: $id) {
    ...ProviderSummary
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),_o=new _(`
    query ProviderKinds {
  providerKinds {
    kind
    title
    secret
    isPreset
    settings {
      name
      description
    }
  }
}
    `),wo=new _(`
    mutation CreateProvider($input: CreateProviderInput!) {
  createProvider(input: $input) {
    generatedSecret
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),Xt=new _(`
    mutation UpdateProvider($input: UpdateProviderInput!) {
  updateProvider(input: $input) {
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),So=new _(`
    mutation SimulateInboundSms($input: SimulateInboundSmsInput!) {
  simulateInboundSms(input: $input) {
    outcome
    message {
      id
      otp {
        code
        service
      }
    }
  }
}
    `),Zt=new _(`
    query AllNumbers($filter: PhoneNumberFilter, $first: Int!, $after: String) {
  phoneNumbers(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      ...RentedNumber
      provider {
        id
        name
      }
      renter {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Eo=new _(`
    mutation ImportPhoneNumbers($input: ImportPhoneNumbersInput!) {
  importPhoneNumbers(input: $input) {
    addedIds
    knownCount
    rejected {
      index
      message
    }
  }
}
    `),xo=new _(`
    mutation SetPhoneNumberStatus($input: SetPhoneNumberStatusInput!) {
  setPhoneNumberStatus(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),ko=new _(`
    query DeliveryReports($filter: DeliveryReportFilter, $first: Int!, $after: String) {
  deliveryReports(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      kind
      status
      reason
      phoneNumber
      providerMessageId
      providerStatus
      messageId
      errorMessage
      retryCount
      createdAt
      payload
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),No=new _(`
    query MessageTimeline($messageId: ID!) {
  messageTimeline(messageId: $messageId) {
    messageId
    milliseconds
    stages {
      stage
      at
      milliseconds
    }
  }
}
    `),Ao=new _(`
    query Users($filter: UserFilter, $first: Int!, $after: String) {
  users(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      id
      email
      firstName
      lastName
      role
      plan
      isActive
      emailVerified
      createdAt
      lastLogin
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Co=new _(`
    mutation UpdateUser($input: UpdateUserInput!) {
  updateUser(input: $input) {
    user {
      id
      role
      plan
      isActive
    }
  }
}
    `),Po=new _(`
    query AuditLog($filter: AuditFilter, $first: Int!, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      action
      target
      details
      createdAt
      actor {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Ro=new _(`
    query OtpPatterns($first: Int!, $after: String) {
  otpPatterns(first: $first, after: $after) {
    nodes {
      id
      pattern
      sender
      service
      isActive
      createdAt
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Io=new _(`
    query TestOtpPattern($pattern: String!, $text: String!) {
  testOtpPattern(pattern: $pattern, text: $text) {
    code
    service
  }
}
    `),To=new _(`
    mutation CreateOtpPattern($input: CreateOtpPatternInput!) {
  createOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Mo=new _(`
    mutation UpdateOtpPattern($input: UpdateOtpPatternInput!) {
  updateOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Do=new _(`
    mutation DeleteOtpPattern($input: DeleteOtpPatternInput!) {
  deleteOtpPattern(input: $input) {
    deletedOtpPatternId
  }
}
    `),Oo=new _(`
    query Invitations($first: Int!, $after: String) {
  invitations(first: $first, after: $after) {
    nodes {
      id
      status
      email
      plan
      isMailed
      createdAt
      expiresAt
      usedBy {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Lo=new _(`
    mutation CreateInvitation($input: CreateInvitationInput!) {
  createInvitation(input: $input) {
    token
    link
  }
}
    `),$o=new _(`
    mutation RevokeInvitation($input: RevokeInvitationInput!) {
  revokeInvitation(input: $input) {
    revokedInvitationId
  }
}
    `),Uo=new _(`
    query BlockedSenders($first: Int!, $after: String) {
  blockedSenders(first: $first, after: $after) {
    nodes {
      id
      sender
      note
      createdAt
      createdBy {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Vo=new _(`
    mutation BlockSender($input: BlockSenderInput!) {
  blockSender(input: $input) {
    blockedSender {
      id
    }
  }
}
    `),Fo=new _(`
    mutation UnblockSender($input: UnblockSenderInput!) {
  unblockSender(input: $input) {
    unblockedSenderId
  }
}
    `),Qn=new _(`
    query Messages($first: Int!, $after: String) {
  messages(first: $first, after: $after) {
    latestCursor
    nodes {
      ...InboxMessage
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  channel
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),Bo=new _(`
    subscription MessageReceived($after: String!) {
  messageReceived(after: $after) {
    cursor
    message {
      ...InboxMessage
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  channel
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),Ko=new _(`
    mutation MarkMessageRead($input: MarkMessageReadInput!) {
  markMessageRead(input: $input) {
    message {
      id
      isRead
    }
  }
}
    `),Wo=new _(`
    mutation MarkAllMessagesRead($input: MarkAllMessagesReadInput!) {
  markAllMessagesRead(input: $input) {
    markedCount
  }
}
    `),qo=new _(`
    mutation DeleteMessage($input: DeleteMessageInput!) {
  deleteMessage(input: $input) {
    deletedMessageId
  }
}
    `),Go=new _(`
    query Numbers {
  phoneNumbers(filter: {mine: true}, first: 100) {
    nodes {
      ...RentedNumber
    }
  }
  countries {
    code
    availableCount
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Ho=new _(`
    subscription PhoneNumberUpdated {
  phoneNumberUpdated {
    ...RentedNumber
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Qo=new _(`
    mutation AssignPhoneNumber($input: AssignPhoneNumberInput!) {
  assignPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),jo=new _(`
    mutation ExtendPhoneNumber($input: ExtendPhoneNumberInput!) {
  extendPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Yo=new _(`
    mutation ReleasePhoneNumber($input: ReleasePhoneNumberInput!) {
  releasePhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),zo=new _(`
    mutation LabelPhoneNumber($input: LabelPhoneNumberInput!) {
  labelPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`);function Jo(e,t){let r=Math.min(250*2**e,15e3);return Math.round(r/2+r/2*t)}function jn(e){let{latestCursor:t,nodes:r,pageInfo:o}=e;return{messages:r,cursor:t,older:o.hasNextPage?o.endCursor:null}}function Yn(e,t){let r=t.at(-1);if(!r)return e;let o=es(e.messages,t.map(({message:s})=>s)).reverse();return{...e,messages:[...o,...e.messages],cursor:r.cursor}}function Xo(e,t){let{nodes:r,pageInfo:o}=t;return{...e,messages:[...e.messages,...es(e.messages,r)],older:o.hasNextPage?o.endCursor:null}}function Zo(e,t,r){return Yn({...jn(t),cursor:e.cursor},r)}function zn(e,t){let r=({id:s})=>t==="all"||t.has(s),o=e.messages.map(s=>!s.isRead&&r(s)?{...s,isRead:!0}:s);return{...e,messages:o}}function Jn(e,t){return{...e,messages:e.messages.filter(r=>r.id!==t)}}function es(e,t){let r=new Set(e.map(({id:o})=>o));return t.filter(({id:o})=>!r.has(o)&&r.add(o))}var Ee={text:"",phoneNumberId:"",service:"",sender:"",type:"",channel:"",unread:!1};function rt(e){return Object.values(e).some(Boolean)}var tn={SMS:"SMS",MMS:"MMS",WHATSAPP:"WhatsApp",RCS:"RCS",EMAIL:"e-mail",VOICE:"phone call",OTHER:"another channel"};function en(e){return e.normalize("NFKD").replace(/\p{M}/gu,"").toLowerCase()}function ts(e){let t=en(e.text).split(/\s+/).filter(Boolean),r=(o,s)=>!o||en(o)===en(s??"");return o=>{if(e.unread&&o.isRead||e.type&&o.messageType!==e.type||e.channel&&o.channel!==e.channel||e.phoneNumberId&&o.phoneNumberId!==e.phoneNumberId||!r(e.service,o.otp?.service)||!r(e.sender,o.senderNumber))return!1;if(t.length===0)return!0;let{messageContent:s,senderNumber:i,phoneNumber:a,otp:u}=o,l=en([s,i,a,u?.code,u?.service].join(`
`));return t.every(c=>l.includes(c))}}function ns(e){let t=r=>[...new Set(r)].filter(o=>o!=null&&o!=="").sort((o,s)=>o.localeCompare(s));return{services:t(e.map(({otp:r})=>r?.service)),senders:t(e.map(({senderNumber:r})=>r)),channels:t(e.map(({channel:r})=>r))}}var os=100,Bi=5,ss=6e4,Ki=16,C=U(null),ge=U(null),Zn=U([]),Ve=U("connecting"),Nt=U(!1),Q=U(Ee),Qe=U(!1),an=U([]),At=pe(()=>C.value?.messages.filter(ts(Q.value))??[]),je=pe(()=>C.value?.messages.reduce((e,{isRead:t})=>e+(t?0:1),0)??0),un=pe(()=>{let e=new Map;for(let{isRead:t,phoneNumberId:r}of C.value?.messages??[])t||e.set(r,(e.get(r)??0)+1);return e}),er=new BroadcastChannel("otpwire-inbox"),on=null,xt=null,Xn=()=>{},kt=[],rn=null,is=0,Et=null;function as(){tr(),on=new AbortController;let{signal:e}=on;addEventListener("online",ds,{signal:e}),addEventListener("offline",()=>Ve.value="offline",{signal:e}),document.addEventListener("visibilitychange",ji,{signal:e}),er.onmessage=({data:t})=>{C.value&&(C.value=t.type==="deleted"?Jn(C.value,t.id):zn(C.value,t.ids==="all"?"all":new Set(t.ids)))},Wi(e)}function tr(){on?.abort(),on=null,xt?.close(),kt=[],er.onmessage=null,$e(()=>{C.value=null,ge.value=null,Ve.value="connecting",Nt.value=!1,Q.value=Ee})}async function Wi(e){for(let t=0;!e.aborted;){let r={time:0},o=await qi(e,r).catch(s=>s);if(e.aborted)return;switch(r.time&&Date.now()-r.time>2e3&&(t=0),Ve.value=navigator.onLine?"waiting":"offline",o?.code){case"CURSOR_EXPIRED":$e(()=>{Nt.value=!0,C.value=null});continue;case"TOKEN_EXPIRED":case"SESSION_ENDED":case"UNAUTHENTICATED":if(await He().catch(()=>"")===null)return}await Qi(Jo(t++,Math.random()),e)}}async function qi(e,t){if(Ve.value="connecting",C.value||(C.value=jn(await ls())),e.aborted)return null;let r={document:Bo,variables:{after:us()},next:({messageReceived:a})=>a&&Gi(a)},s=oo([r,{document:Ho,next:({phoneNumberUpdated:a})=>{a&&ot(a),sn().catch(()=>{})}}],()=>{t.time=Date.now(),Ve.value="live",sn().catch(()=>{})});xt=s,e.addEventListener("abort",s.close);let i=await s.ended;return e.removeEventListener("abort",s.close),s.close(),ln(),i}function us(){return kt.at(-1)?.cursor??C.value?.cursor??""}function Gi(e){kt.push(e),Et?.push(e),rn??=setTimeout(ln,Math.max(0,is+Ki-performance.now()))}function ln(){rn!==null&&clearTimeout(rn),rn=null;let e=kt;if(e.length===0||!C.value)return;kt=[],is=performance.now();let t=C.value.messages.length,r=Yn(C.value,e);$e(()=>{C.value=r,an.value=r.messages.slice(0,r.messages.length-t)})}async function ls(){let{messages:e}=await w(Qn,{first:os});if(!e)throw new Error("the list has no page");return e}async function Hi(){if(!(!C.value||Et)){Et=[];try{let e=await ls();ln(),C.value&&(C.value=Zo(C.value,e,Et))}finally{Et=null}}}async function nr(){let e=C.value?.older;if(!(!e||Qe.value)){Qe.value=!0;try{let{messages:t}=await w(Qn,{first:os,after:e});t&&C.value?.older===e&&(C.value=Xo(C.value,t))}finally{Qe.value=!1}}}var nn={search:Ee,pages:0};be(()=>{Q.value!==nn.search&&(nn={search:Q.value,pages:0}),rt(Q.value)&&At.value.length<20&&C.value?.older&&!Qe.value&&nn.pages<Bi&&(nn.pages+=1,nr().catch(()=>{}))});async function sn(){let e=await w(Go);$e(()=>{ge.value=e.phoneNumbers?.nodes??[],Zn.value=e.countries??[]})}function ot(e){let t=ge.value?.filter(({id:o})=>o!==e.id)??[],r=e.status==="ASSIGNED"&&(e.expiresAt!==null||e.isGranted);ge.value=r?[...t,e].sort((o,s)=>o.phoneNumber.localeCompare(s.phoneNumber)):t}async function st(e){e.isRead||!C.value||(rr({type:"read",ids:[e.id]}),await w(Ko,{input:{messageId:e.id}}))}async function cs(){ln(),await w(Wo,{input:{upTo:us()}}),rr({type:"read",ids:"all"})}async function cn(e){await w(qo,{input:{messageId:e.id}}),rr({type:"deleted",id:e.id})}function rr(e){er.postMessage(e),C.value&&(C.value=e.type==="deleted"?Jn(C.value,e.id):zn(C.value,e.ids==="all"?"all":new Set(e.ids)))}function Qi(e,t){return new Promise(r=>{let o=setTimeout(s,e);function s(){clearTimeout(o),t.removeEventListener("abort",s),Xn=()=>{},r()}Xn=s,t.addEventListener("abort",s)})}function ds(){Xn(),xt&&Date.now()-xt.heardAt()>ss/2&&xt.close()}var rs=0;function ji(){if(document.hidden){rs=Date.now();return}ds(),Date.now()-rs>ss&&Hi().catch(()=>{})}var xe=U(location.pathname);addEventListener("popstate",()=>xe.value=location.pathname);function Ie(e,{replace:t=!1}={}){e!==location.pathname+location.search&&(history[t?"replaceState":"pushState"](null,"",e),xe.value=location.pathname,scrollTo(0,0))}function ps(){document.addEventListener("click",e=>{let t=e.target instanceof Element?e.target.closest("a"):null,r=!e.defaultPrevented&&e.button===0&&!(e.metaKey||e.ctrlKey||e.shiftKey||e.altKey);!t||!r||t.target||t.origin!==location.origin||!Ji(t.pathname)||(e.preventDefault(),Ie(t.pathname+t.search))})}var zi=["/","/numbers","/account","/sign-in","/register","/verify-email","/forgot-password","/reset-password","/console","/console/providers","/console/numbers","/console/messages","/console/users","/console/audit","/console/patterns","/console/invitations","/console/blocked-senders"];function Ji(e){return zi.includes(e)||/^\/console\/providers\/[^/]+$/.test(e)}var ms=pe(()=>xe.value.split("/").filter(Boolean));function it(e){let r=new URLSearchParams(location.hash.slice(1)).get(e);return r!==null&&history.replaceState(null,"",location.pathname+location.search),r}var Xi=Symbol.for("pv"),Zi=0;function n(e,t,r,o,s,i){t||(t={});var a,u,l=t;if("ref"in l&&typeof e!="function")for(u in l={},t)u=="ref"?a=t[u]:l[u]=t[u];var c={type:e,props:l,key:r,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:Xi,__v:--Zi,__i:-1,__u:0};return(s||i)&&(c.__source=s,c.__self=i),A.vnode&&A.vnode(c),c}var Ct=U([]),ea=0;function P(e,{isError:t=!1}={}){let r=++ea;Ct.value=[...Ct.value.slice(-2),{id:r,text:e,isError:t}],setTimeout(()=>Ct.value=Ct.value.filter(o=>o.id!==r),t?9e3:4500)}function T(e){P(re(e instanceof Error?e.message:String(e)),{isError:!0})}function re(e){let t=e.charAt(0).toUpperCase()+e.slice(1);return/[.!?…]$/.test(t)?t:`${t}.`}function fs(){return n("div",{class:"toasts",role:"status","aria-live":"polite",children:Ct.value.map(({id:e,text:t,isError:r})=>n("p",{class:r?"toast error":"toast",children:t},e))})}var Y=U(void 0);async function gs(){let e=it("sign-in");if(Xr(t=>{switch(t){case"signed-in":dn();break;case"changed-elsewhere":location.reload();break;case"signed-out":Y.value&&P("You are signed out."),tr(),Y.value=null}}),e)try{await St({sign_in_token:e});return}catch{}for(let t=250;;t=Math.min(t*2,1e4))try{await He()===null?(Y.value=null,e&&P("That link was used before, or is too old. Sign in instead.")):await dn();return}catch{await new Promise(r=>setTimeout(r,t))}}async function dn(){let e=Y.value,{viewer:t}=await w(so);Y.value=t,t&&e?.id!==t.id&&(as(),["/sign-in","/register","/forgot-password"].includes(location.pathname)&&Ie("/",{replace:!0}))}function Z(e,t){let[r,o]=h({data:null,error:null,isLoading:!0}),s=Xe(0),i=JSON.stringify(t),a=ft(async()=>{let u=++s.current;o(l=>({...l,isLoading:!0}));try{let l=await w(e,JSON.parse(i));u===s.current&&o({data:l,error:null,isLoading:!1})}catch(l){u===s.current&&o(c=>({...c,error:l,isLoading:!1}))}},[e,i]);return ne(()=>(a(),()=>{s.current++}),[a]),{...r,reload:a}}var hs=50;function oe(e,t,r){let o=Z(e,{...t,first:hs}),[s,i]=h({of:null,pages:[]}),[a,u]=h(!1),[l,c]=h(null),d=o.data&&r(o.data),g=d?[d,...s.of===o.data?s.pages:[]]:[],m=g.at(-1),p=async()=>{if(!(!m?.pageInfo.endCursor||a)){u(!0);try{let f=await w(e,{...t,first:hs,after:m.pageInfo.endCursor}),b=r(f);b&&i({of:o.data,pages:[...g.slice(1),b]}),c(null)}catch(f){c(f)}finally{u(!1)}}};return{nodes:g.flatMap(({nodes:f})=>f),totalCount:d?.totalCount??null,hasMore:m?.pageInfo.hasNextPage??!1,more:()=>{p()},error:l??o.error,isLoading:o.isLoading||a,reload:o.reload}}function se({list:e,children:t}){return e.error?n("p",{class:"problem",role:"alert",children:[re(e.error.message)," ",n("button",{type:"button",class:"button",onClick:()=>{e.reload()},children:"Try again"})]}):e.nodes.length===0?e.isLoading?n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]}):n("div",{class:"empty",children:t}):e.hasMore?n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:e.isLoading,onClick:e.more,children:"Show more"})}):null}var bs=Object.assign;function na(e,t){for(var r in e)if(r!="__source"&&e[r]!==t[r])return!0;for(var o in t)if(o!="__source"&&!(o in e))return!0;return!1}var ra=/^(-|f[lo].*[^se]$|g.{5,}[^ps]$|z|o[pr]|(W.{5})?[lL]i.*(t|mp)$|an|(bo|s).{4}Im|sca|m.{6}[ds]|ta|c.*[st]$|wido|ini|asp|fill|st)/;function pn(e,t){function r(s){var i=this.props.ref;return i!=s.ref&&i&&(typeof i=="function"?i(null):i.current=null),t?!t(this.props,s)||i!=s.ref:na(this.props,s)}function o(s){return this.shouldComponentUpdate=r,ct(e,s)}return o.displayName="Memo("+(e.displayName||e.name)+")",o.prototype.isReactComponent=!0,o.type=e,o}var oa=Symbol.for("react.element"),sa=/^(?:accent|alignment|arabic|baseline|cap|clip(?!PathU)|color|dominant|fill|flood|font|glyph(?!R)|horiz|image(?!S)|letter|lighting|marker(?!H|W|U)|overline|paint|pointer|shape|stop|strikethrough|stroke|text(?!L)|transform|underline|unicode|units|v|vector|vert|word|writing|x(?!C))[A-Z]/,ia=/[A-Z0-9]/g,aa=typeof document<"u";var ua=function(e){return/fil|che|rad/.test(e)};Se.prototype.isReactComponent=!0,["componentWillMount","componentWillReceiveProps","componentWillUpdate"].forEach(function(e){Object.defineProperty(Se.prototype,e,{configurable:!0,get:function(){return this["UNSAFE_"+e]},set:function(t){Object.defineProperty(this,e,{configurable:!0,writable:!0,value:t})}})});var ys=A.event;A.event=function(e){return ys&&(e=ys(e)),e.persist=function(){},e.isPropagationStopped=function(){return this.cancelBubble},e.isDefaultPrevented=function(){return this.defaultPrevented},e.nativeEvent=e};var la={configurable:!0,get:function(){return this.class}},vs=A.vnode;A.vnode=function(e){if(typeof e.type=="string")(function(o){var s=o.props,i=o.type,a={},u=i.indexOf("-")==-1;for(var l in s){var c=s[l];if(!(l=="value"&&"defaultValue"in s&&c==null||aa&&l=="children"&&i=="noscript"||l=="class"||l=="className")){if(l=="style"&&c&&c.constructor==Object){var d=void 0;for(var g in c)typeof c[g]!="number"||ra.test(g)||(d||(d=c=bs({},c)),c[g]+="px")}else if(l=="defaultValue"&&"value"in s&&s.value==null)l="value";else if(l=="download"&&c===!0)c="";else if(l=="translate"&&c==="no")c=!1;else if(l[0]=="o"&&l[1]=="n"){var m=l.toLowerCase();m=="ondoubleclick"?l="ondblclick":m!="onchange"||i!="input"&&i!="textarea"||ua(s.type)?m=="onfocus"?l="onfocusin":m=="onblur"&&(l="onfocusout"):m=l="oninput",m=="oninput"&&a[l=m]&&(l="oninputCapture")}else u&&sa.test(l)?l=l.replace(ia,"-$&").toLowerCase():c===null&&(c=void 0);a[l]=c}}if(i=="select"){var p=a.defaultValue!=null?a.defaultValue:a.multiple&&Array.isArray(a.value)?a.value:null;p!=null&&(a.value=An(s.children).forEach(function(f){f.props.selected=a.multiple?p.indexOf(f.props.value)!=-1:p==f.props.value}))}s.class&&!s.className?(a.class=s.class,Object.defineProperty(a,"className",la)):s.className&&(a.class=a.className=s.className),o.props=a})(e);else if(typeof e.type=="function"&&("ref"in e.props&&"prototype"in e.type&&e.type.prototype.render&&(e.ref=e.props.ref,delete e.props.ref),e.type.defaultProps)){var t=bs({},e.props);for(var r in e.type.defaultProps)t[r]===void 0&&(t[r]=e.type.defaultProps[r]);e.props=t}e.ref&&!("ref"in e.props)&&Object.defineProperty(e.props,"ref",{value:e.ref,configurable:!0,writable:!0}),e.$$typeof=oa,vs&&vs(e)};var ke=U(Date.now()),Pt=U(ke.value);setInterval(()=>{ke.value=Date.now(),ke.value-Pt.value>=1e4&&(Pt.value=ke.value)},1e3);var mn=new Intl.RelativeTimeFormat("en",{numeric:"always",style:"narrow"}),ca=new Intl.DateTimeFormat("en",{dateStyle:"medium",timeStyle:"medium"});function _s(e,t){let r=Math.max(0,Math.round((t-Date.parse(e))/1e3));return r<5?"now":r<60?mn.format(-r,"second"):r<3600?mn.format(-Math.floor(r/60),"minute"):r<86400?mn.format(-Math.floor(r/3600),"hour"):mn.format(-Math.floor(r/86400),"day")}function ws(e,t){let r=Math.max(0,Math.floor((Date.parse(e)-t)/1e3)),o=a=>String(a).padStart(2,"0"),[s,i]=[Math.floor(r/3600),Math.floor(r/60)%60];return s>0?`${s} h ${o(i)} min`:`${i}:${o(r%60)}`}function Rt(e){return ca.format(new Date(e))}var da=9e4,K=pn(({time:e})=>{let[t,r]=Le(()=>{let o=pe(()=>Pt.value-Date.parse(e)<da);return[Rt(e),pe(()=>_s(e,o.value?ke.value:Pt.value))]},[e]);return n("time",{dateTime:e,title:t,children:r})});function fn({until:e}){let t=Date.parse(e)-ke.value<3e5;return n("time",{dateTime:e,title:`until ${Rt(e)}`,class:t?"soon":void 0,children:ws(e,ke.value)})}function ie({caption:e,rows:t,columns:r,keyOf:o}){return t.length===0?null:n("table",{children:[n("caption",{class:"off-screen",children:e}),n("thead",{children:n("tr",{children:r.map(([s])=>n("th",{scope:"col",children:s||n("span",{class:"off-screen",children:"Actions"})},s))})}),n("tbody",{children:t.map(s=>n("tr",{children:r.map(([i,a])=>n("td",{"data-column":i,children:n("div",{children:a(s)})},i))},o(s)))})]})}function gn(e){return Array.isArray(e)?e.map(gn).join(", "):e!==null&&typeof e=="object"?Object.entries(e).map(([t,r])=>`${ee(t)}: ${gn(r)}`).join("; "):e===null?"none":String(e)}function ee(e){return e.toLowerCase().replaceAll("_"," ")}var pa=["USER_CREATED","USER_UPDATED","INVITATION_CREATED","INVITATION_REVOKED","INVITATION_USED","PASSWORD_CHANGED","API_KEY_CREATED","API_KEY_REVOKED","PROVIDER_CREATED","PROVIDER_UPDATED","SECRETS_RESEALED","NUMBER_RELEASED","SENDER_BLOCKED","SENDER_UNBLOCKED","NUMBERS_IMPORTED","NUMBER_STATUS_SET","NUMBER_GRANTED","NUMBER_GRANT_ENDED","OTP_PATTERN_CREATED","OTP_PATTERN_UPDATED","OTP_PATTERN_DELETED","SMS_SIMULATED"];function Ss(){let[e,t]=h(""),r=oe(Po,{filter:e?{action:e}:{}},({auditLog:o})=>o);return n(y,{children:[n("div",{class:"title",children:n("h1",{children:"Audit log"})}),n("div",{class:"filters",children:n("label",{class:"choice",children:[n("span",{children:"What was done"}),n("select",{value:e,onChange:o=>t(o.currentTarget.value),children:[n("option",{value:"",children:"Everything"}),pa.map(o=>n("option",{value:o,children:ee(o)},o))]})]})}),n(ie,{caption:"Audit log, newest first",rows:r.nodes,keyOf:({id:o})=>o,columns:[["When",({createdAt:o})=>n(K,{time:o})],["Who",({actor:o})=>o?.email??"the operator, or a mail"],["What",({action:o})=>ee(o)],["To what",({target:o})=>o?n("code",{children:o}):"\u2013"],["Details",({details:o})=>n("bdi",{children:gn(o)||"\u2013"})]]}),n(se,{list:r,children:[n("h2",{children:"Nothing yet"}),n("p",{children:"What administrators change is listed here for a year."})]})]})}var ma={inbox:"M4 13l2.5-7.5A2 2 0 0 1 8.4 4h7.2a2 2 0 0 1 1.9 1.5L20 13v5a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 13h5l1.5 3h3L15 13h5",numbers:"M9 3h6a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2",console:"M4 5h16v14H4zM8 10l3 2.5L8 15M13 15h4",account:"M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",copy:"M9 9h10v11H9zM5 15V4h10",check:"M5 12.5l4.5 4.5L19 7.5",trash:"M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",search:"M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",plus:"M12 5v14M5 12h14",bell:"M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",bellOff:"M6 16V11a6 6 0 0 1 9-5.2M18 11v5l1.5 2h-15M10 21h4M4 4l16 16",down:"M6 9l6 6 6-6",close:"M6 6l12 12M18 6L6 18",clock:"M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",link:"M10 14l4-4M8.5 11.5l-2 2a3.5 3.5 0 0 0 5 5l2-2M15.5 12.5l2-2a3.5 3.5 0 0 0-5-5l-2 2",keyboard:"M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 14h.01M7 14h.01M10 14h4",note:"M5 4h14v11l-5 5H5zM14 20v-5h5"};function j({name:e}){return n("svg",{class:"icon",viewBox:"0 0 24 24","aria-hidden":"true",children:n("path",{d:ma[e]})})}function L({title:e,onClose:t,children:r}){let o=Xe(null),s=gt();return ne(()=>{let i=o.current;return i?.showModal(),()=>i?.close()},[]),n("dialog",{ref:o,"aria-labelledby":s,onClose:t,onClick:i=>i.target===o.current&&o.current?.close(),children:n("div",{class:"dialog",children:[n("header",{children:[n("h2",{id:s,children:e}),n("button",{type:"button",class:"button quiet square","aria-label":"Close",onClick:()=>o.current?.close(),children:n(j,{name:"close"})})]}),r]})})}var Es=Ft({problem:null,fields:new Set}),fa=e=>e.replace(/^input\./,"").replace(/_([a-z])/g,(t,r)=>r.toUpperCase());function D({submit:e,onSubmit:t,children:r,aside:o,class:s="form"}){let[i,a]=h(null),[u,l]=h(!1),[c]=h(()=>new Set),d=async g=>{if(g.preventDefault(),u)return;let m=g.currentTarget,p={};for(let[f,b]of new FormData(m))typeof b=="string"&&(p[f]=b);l(!0),a(null);try{await t(p)}catch(f){let b=f.field,v=b===void 0?void 0:[...c].find(S=>S===b||S===fa(b)),x=re(f instanceof Error?f.message:String(f));a({field:v,message:v||b===void 0?x:re(`${b} ${x}`)}),v&&m.querySelector(`[name="${v}"]`)?.focus()}finally{l(!1)}};return n(Es.Provider,{value:{problem:i,fields:c},children:n("form",{class:s,onSubmit:d,noValidate:!0,children:[r,i&&!i.field&&n("p",{class:"problem",role:"alert",children:i.message}),n("div",{class:"actions",children:[n("button",{type:"submit",class:"button primary",disabled:u,children:u?"One moment\u2026":e}),o]})]})})}function E({label:e,name:t,hint:r,children:o,...s}){let{problem:i,fields:a}=Ln(Es);a.add(t);let u=gt(),l=i?.field===t?i.message:null,c=[l&&`${u}-problem`,r&&`${u}-hint`].filter(Boolean).join(" "),d={id:u,name:t,...c&&{"aria-describedby":c},...l&&{"aria-invalid":!0}};return n("div",{class:"field",children:[n("label",{for:u,children:e}),o?o(d):n("input",{type:"text",...s,...d}),l&&n("p",{class:"problem",id:`${u}-problem`,role:"alert",children:l}),r&&n("p",{class:"hint",id:`${u}-hint`,children:r})]})}function xs(){let e=oe(Uo,{},({blockedSenders:i})=>i),[t,r]=h(!1),o=i=>w(Fo,{input:{blockedSenderId:i}}).then(e.reload,T),s=async({sender:i="",note:a=""})=>{await w(Vo,{input:{sender:i,note:a||null}}),P("Messages from now on are refused."),r(!1),await e.reload()};return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Blocked senders"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Block a sender"})]}),n("p",{class:"meta",children:"Their messages are not stored. \u201CWhere is my SMS?\u201D shows that they were refused."}),n(ie,{caption:"Blocked senders, newest first",rows:e.nodes,keyOf:({id:i})=>i,columns:[["Sender",({sender:i})=>n("bdi",{children:i})],["Why",({note:i})=>n("bdi",{children:i??"\u2013"})],["By",({createdBy:i})=>n("bdi",{children:i?.email??"the operator"})],["Since",({createdAt:i})=>n(K,{time:i})],["",({id:i,sender:a})=>n("span",{class:"actions",children:n("button",{type:"button",class:"button quiet","aria-label":`Unblock ${a}`,onClick:()=>o(i),children:"Unblock"})})]]}),n(se,{list:e,children:[n("h2",{children:"Nobody"}),n("p",{children:"Messages of every sender are received."})]}),t&&n(L,{title:"Block a sender",onClose:()=>r(!1),children:n(D,{submit:"Block",onSubmit:s,children:[n(E,{label:"Sender",name:"sender",hint:n(y,{children:["A name or a number. With an asterisk at its end, every sender that begins so: ",n("code",{children:"+4490*"}),"."]})}),n(E,{label:"Why (optional)",name:"note"})]})})]})}var ks=document.querySelector('meta[name="registration"]'),Fe=ks?.content??"open",or=ks?.dataset.domains?.split(" ").filter(Boolean)??[];async function sr(e){try{return await navigator.clipboard.writeText(e),!0}catch{let t=document.createElement("textarea");t.value=e,t.className="off-screen",document.body.append(t),t.select();let r=document.execCommand("copy");return t.remove(),r||P("This browser does not let pages copy; select the text instead.",{isError:!0}),r}}function z({text:e,what:t,label:r,onCopied:o,...s}){let[i,a]=h(!1);ne(()=>{if(!i)return;let l=setTimeout(()=>a(!1),1600);return()=>clearTimeout(l)},[i]);let u=async()=>{await sr(e)&&(a(!0),o?.())};return n("button",{type:"button",class:`button copy ${i?"copied":""} ${s.class??""}`,"aria-label":`Copy ${t}`,title:`Copy ${t}`,onClick:u,children:[n(j,{name:i?"check":"copy"}),r&&n("span",{children:i?"Copied":r})]})}function Ns(){let e=oe(Oo,{},({invitations:s})=>s),[t,r]=h(!1),o=s=>w($o,{input:{invitationId:s}}).then(e.reload,T);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Invitations"}),Fe!=="closed"&&n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Invite somebody"})]}),n("p",{class:"meta",children:{open:"Everybody can make an account here. An invitation can give it a plan.",invite:"Accounts are made by invitation. Each is good once.",closed:"Registration is closed, also to those who are invited. The operator makes the accounts."}[Fe]}),n(ie,{caption:"Invitations, newest first",rows:e.nodes,keyOf:({id:s})=>s,columns:[["For",({email:s,isMailed:i})=>n(y,{children:[n("bdi",{children:s??"whoever has the link"}),i&&" (by mail)"]})],["Plan",({plan:s})=>ee(s)],["State",({status:s,usedBy:i})=>i?n(y,{children:["Used by ",n("bdi",{children:i.email})]}):ee(s)],["Made",({createdAt:s})=>n(K,{time:s})],["",({id:s,email:i,status:a})=>n("span",{class:"actions",children:n("button",{type:"button",class:"button quiet danger","aria-label":`${a==="PENDING"?"Take back":"Remove"} the invitation ${i??s}`,onClick:()=>o(s),children:a==="PENDING"?"Take back":"Remove"})})]]}),n(se,{list:e,children:[n("h2",{children:"No invitation"}),n("p",{children:"Invitations are listed until 30 days after their end."})]}),t&&n(ga,{onClose:()=>r(!1),onInvited:e.reload})]})}function ga({onClose:e,onInvited:t}){let[r,o]=h(null),s=async({email:i="",plan:a="",expiresInDays:u="",sendMail:l=""})=>{let c={email:i||null,plan:a,expiresInDays:u===""?null:Number(u),sendMail:l==="yes"},{createInvitation:d}=await w(Lo,{input:c});await t();let g=d?.link??d?.token;if(g)return o(g);P(`The invitation is on its way to ${i}.`),e()};return r?n(L,{title:"The invitation",onClose:e,children:[n("p",{children:"Pass this on. It is good once, and is not shown again."}),n("p",{children:[n("code",{class:"wrap",children:r})," ",n(z,{text:r,what:"the invitation",label:"Copy"})]})]}):n(L,{title:"Invite somebody",onClose:e,children:n(D,{submit:"Invite",onSubmit:s,children:[n(E,{label:"Their e-mail address",name:"email",type:"email",hint:"Then the invitation is good for this address alone. Without it, whoever has the link can use it."}),n("div",{class:"row",children:[n(E,{label:"Plan",name:"plan",children:i=>n("select",{...i,children:[n("option",{value:"FREE",children:"Free"}),n("option",{value:"PREMIUM",children:"Premium"})]})}),n(E,{label:"Good for days",name:"expiresInDays",type:"number",min:1,max:90,defaultValue:"7"}),n(E,{label:"How",name:"sendMail",children:i=>n("select",{...i,children:[n("option",{value:"",children:"Show me the link"}),n("option",{value:"yes",children:"Send them a mail"})]})})]})]})})}var ha=new Intl.DisplayNames("en",{type:"region"});function Ne(e){try{return ha.of(e)??e}catch{return e}}var ba=/^\+(1|7|2(?:0|7)|3(?:[0-4]|6|9)|4(?:[013-9])|5(?:[1-8])|6(?:[0-6])|8(?:[1246])|9(?:[0-58])|\d{3})(\d+)$/;function F(e){let[,t,r]=ba.exec(e)??[];if(!t||!r)return e;let o=r.slice(0,-4),s=r.length<=4?[r]:[...o.match(o.length%3===1?/^.{4}|.{1,3}/g:/.{1,3}/g)??[],r.slice(-4)];return`+${t} ${s.join(" ")}`}function Cs({messageId:e}){let[t,r]=h(!1);return n("details",{class:"timeline",onToggle:o=>r(o.currentTarget.open),children:[n("summary",{children:"When it passed each stage"}),t&&n(ya,{messageId:e})]})}function ya({messageId:e}){let{data:t,error:r,reload:o}=Z(No,{messageId:e});if(r)return n("p",{class:"problem",role:"alert",children:[re(r.message)," ",n("button",{type:"button",class:"button",onClick:()=>{o()},children:"Try again"})]});let s=t?.messageTimeline;return s?n("dl",{children:[s.stages.map(({stage:i,at:a,milliseconds:u})=>n("div",{children:[n("dt",{children:ee(i)}),n("dd",{children:[n("time",{dateTime:a,title:a,children:Rt(a)}),u!==null&&n(y,{children:[" \xB7 ",As(u)," later"]})]})]},i)),n("div",{children:[n("dt",{children:"in all"}),n("dd",{children:As(s.milliseconds)})]})]}):n("div",{class:"skeletons","aria-busy":"true",children:n("i",{})})}function As(e){return Math.abs(e)<1e4?`${Number(e.toFixed(3))} ms`:`${Number((e/1e3).toFixed(1))} s`}var va={RECEIVED:"in its renter's inbox",QUARANTINED:"kept, and nobody\u2019s",UNROUTABLE:"the number is not ours, or not this provider\u2019s",DUPLICATE:"had arrived before",HELD:"waits for its other parts",BLOCKED:"refused: its sender is blocked",FAILED:"could not be read or stored"},_a={NOT_RENTED:"kept, and nobody\u2019s: nobody had rented the number",RENTAL_ENDED:"kept, and nobody\u2019s: the last rental had ended",SENT_BEFORE_RENTAL:"kept, and nobody\u2019s: it was sent before the rental began, by the provider\u2019s clock",NUMBER_BLOCKED:"kept, and nobody\u2019s: the number is blocked",UNKNOWN_NUMBER:"the number is not on this platform",OTHER_PROVIDER:"the number belongs to another provider",SAME_ID:"had arrived before, with the same id",SAME_CONTENT:"had arrived before, with another id",WAITING_FOR_PARTS:"waits for its other parts",INVALID_FIELD:"a field is missing or wrong",UNREADABLE_BODY:"the webhook could not be read",STORE_REFUSED:"the database refused the message",OUT_OF_ORDER:"late: the message had come further already",UNKNOWN_STATUS:"a word of the provider that the platform does not know"};function Ps(){let[e,t]=h(""),[r,o]=h(""),[s,i]=h(""),[a,u]=h(""),[l,c]=h({}),d=oe(ko,{filter:l},({deliveryReports:m})=>m);return n(y,{children:[n("div",{class:"title",children:n("h1",{children:"Where is my SMS?"})}),n("form",{class:"filters",onSubmit:m=>{m.preventDefault();let p=e.replace(/[\s().-]/g,"");c({...p&&{phoneNumber:p},...r.trim()&&{providerMessageId:r.trim()},...s&&{since:new Date(s).toISOString()},...a&&{until:new Date(a).toISOString()}})},children:[n("label",{class:"choice",children:[n("span",{children:"Sent to"}),n("input",{type:"text",inputMode:"tel",placeholder:"+14155550100",value:e,onInput:m=>t(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"The provider's id"}),n("input",{type:"text",value:r,onInput:m=>o(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"From"}),n("input",{type:"datetime-local",value:s,onInput:m=>i(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"To"}),n("input",{type:"datetime-local",value:a,onInput:m=>u(m.currentTarget.value)})]}),n("button",{type:"submit",class:"button primary",children:"Look"})]}),n(ie,{caption:"Delivery reports, newest first",rows:d.nodes,keyOf:({id:m})=>m,columns:[["When",({createdAt:m})=>n(K,{time:m})],["Sent to",({phoneNumber:m})=>m?n("bdi",{children:F(m)}):"unknown"],["Provider",({provider:m})=>m?n("a",{href:`/console/providers/${m.id}`,children:m.name}):"\u2013"],["Its id",({providerMessageId:m})=>n("code",{class:"clip",children:m??"\u2013"})],["What became of it",({status:m,reason:p,kind:f,errorMessage:b,retryCount:v,providerStatus:x,messageId:S,payload:k})=>n(y,{children:[n("span",{class:`tag ${m.toLowerCase()}`,children:ee(m)})," ",b??(p&&_a[p])??(f==="MESSAGE"?va[m]:`status callback${x?`: ${x}`:""}`),v>0&&` \xB7 repeated ${v} times`,S&&n(Cs,{messageId:S}),k!==null&&n("details",{children:[n("summary",{children:"What the provider posted"}),n("pre",{tabIndex:0,children:JSON.stringify(k,null,2)})]})]})]]}),n(se,{list:d,children:[n("h2",{children:"No report"}),n("p",{children:Object.keys(l).length>0?"No verified webhook fits. Requests that could not be verified leave none: see the refusals of the provider.":"No webhook has come yet."})]})]})}function Rs(e){let t=[],r=[],o=new Map;return e.replace(/^\uFEFF/,"").split(/\r\n|\r|\n/).forEach((s,i)=>{let a=i+1,[u="",l="",...c]=s.split(/[,;\t]/).map(f=>f.trim().replace(/^"(.*)"$/s,"$1").trim());if(s.trim()===""||s.trimStart().startsWith("#")||t.length+r.length===0&&/^[a-z][a-z _]*$/i.test(u))return;let d=u.replace(/[\s().-]/g,"").replace(/^00/,"+"),g=l.toUpperCase()||null,m=f=>{r.push({line:a,text:s.trim().slice(0,60),reason:f})};if(c.some(Boolean))return m("has more than a number and a country");if(!/^\+?\d+$/.test(d))return m("is not a number: write it as +14155550100, or a short code as 12345");if(d.startsWith("+")&&!/^\+[1-9]\d{6,14}$/.test(d))return m("has too few or too many digits for an international number");if(!d.startsWith("+")&&!g)return m("is a short code, which needs its country, as in 12345,US; other numbers begin with +");if(g&&!/^[A-Z]{2}$/.test(g))return m("has a country that is not two letters, such as US");let p=o.get(d);if(p!==void 0)return m(`is the same as line ${p}`);o.set(d,a),t.push({line:a,phoneNumber:d,countryCode:g})}),{lines:t,bad:r}}var wa=["AVAILABLE","ASSIGNED","EXPIRED","BLOCKED"],Ts={AVAILABLE:"free",ASSIGNED:"rented",EXPIRED:"cools down",BLOCKED:"blocked"};function Ds(){let[e,t]=h(""),[r,o]=h(""),s={...e&&{status:e},...r.length===2&&{countryCode:r}},i=oe(Zt,{filter:s},({phoneNumbers:c})=>c),[a,u]=h(!1),l=(c,d)=>w(xo,{input:{phoneNumberId:c,status:d}}).then(i.reload,T);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Numbers"}),n("button",{type:"button",class:"button primary",onClick:()=>u(!0),children:"Import numbers"})]}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"Status"}),n("select",{value:e,onChange:c=>t(c.currentTarget.value),children:[n("option",{value:"",children:"Every status"}),wa.map(c=>n("option",{value:c,children:Ts[c]},c))]})]}),n("label",{class:"choice",children:[n("span",{children:"Country"}),n("input",{type:"text",maxLength:2,placeholder:"US",value:r,onInput:c=>o(c.currentTarget.value.toUpperCase())})]}),i.totalCount!==null&&n("p",{class:"meta",children:i.totalCount===1?"1 number":`${i.totalCount} numbers`})]}),n(ie,{caption:"Numbers",rows:i.nodes,keyOf:({id:c})=>c,columns:[["Number",({phoneNumber:c})=>n("bdi",{children:F(c)})],["Country",({countryCode:c})=>Ne(c)],["Provider",({provider:c})=>c?n("a",{href:`/console/providers/${c.id}`,children:c.name}):"none"],["Status",({status:c})=>n("span",{class:`tag ${c.toLowerCase()}`,children:Ts[c]})],["Renter",({renter:c})=>c?.email??"\u2013"],["",({id:c,status:d,phoneNumber:g})=>d==="BLOCKED"?n("button",{type:"button",class:"button","aria-label":`Unblock ${F(g)}`,onClick:()=>l(c,"AVAILABLE"),children:"Unblock"}):n(Sa,{number:F(g),isRented:d==="ASSIGNED",onBlock:()=>l(c,"BLOCKED")})]]}),n(se,{list:i,children:[n("h2",{children:"No numbers"}),n("p",{children:"Import those that a provider gives you, or look for others."})]}),a&&n(Ea,{onClose:()=>u(!1),onImported:i.reload})]})}function Sa({number:e,isRented:t,onBlock:r}){let[o,s]=h(!1);return n(y,{children:[n("button",{type:"button",class:"button quiet danger","aria-label":`Block ${e}`,onClick:()=>s(!0),children:"Block"}),o&&n(L,{title:`Block ${e}?`,onClose:()=>s(!1),children:[n("p",{children:["Nobody can rent it until it is unblocked.",t&&" Whoever rents it now loses it at once."]}),n("div",{class:"actions",children:n("button",{type:"button",class:"button danger",onClick:()=>{r().then(()=>s(!1))},children:"Block the number"})})]})]})}function Ea({onClose:e,onImported:t}){let{data:r}=Z(nt,{first:100}),[o,s]=h(""),[i,a]=h(null),{lines:u,bad:l}=Rs(o),c=async g=>g&&s(await g.text()),d=async({providerId:g=""})=>{if(!g)throw Object.assign(new Error("Choose one"),{field:"providerId"});if(u.length===0)throw Object.assign(new Error("There is no number to import"),{field:"numbers"});let m={added:0,known:0,bad:[...l]};for(let p=0;p<u.length;p+=1e3){let f=u.slice(p,p+1e3),b=f.map(({phoneNumber:x,countryCode:S})=>({phoneNumber:x,countryCode:S})),{importPhoneNumbers:v}=await w(Eo,{input:{providerId:g,numbers:b}});if(v){m.added+=v.addedIds.length,m.known+=v.knownCount;for(let{index:x,message:S}of v.rejected){let k=f[x];k&&m.bad.push({line:k.line,text:k.phoneNumber,reason:S})}}}a(m),m.added>0&&P(m.added===1?"A number is imported.":`${m.added} numbers are imported.`),await t()};return i?n(L,{title:"Imported",onClose:e,children:[n("p",{children:[i.added," added, ",i.known," were there already, ",i.bad.length," left out."]}),n(Ms,{bad:i.bad}),n("div",{class:"actions",children:n("button",{type:"button",class:"button primary",onClick:e,children:"Done"})})]}):n(L,{title:"Import numbers",onClose:e,children:n(D,{submit:u.length>0?`Import ${u.length===1?"a number":`${u.length} numbers`}`:"Import",onSubmit:d,children:[n(E,{label:"Provider",name:"providerId",children:g=>n("select",{...g,children:[n("option",{value:"",children:"Choose one"}),r?.providers?.nodes.map(({id:m,name:p,kind:f})=>n("option",{value:m,children:[p," (",ee(f),")"]},m))]})}),n(E,{label:"Numbers",name:"numbers",hint:"One a line, as +14155550100; a country may follow: 12345,US. Nothing is imported before you say so.",children:g=>n("textarea",{...g,rows:7,class:"mono",spellcheck:!1,value:o,onInput:m=>s(m.currentTarget.value)})}),n("label",{class:"button file",children:["Read a CSV file",n("input",{type:"file",accept:".csv,.txt,text/csv,text/plain",onChange:g=>{c(g.currentTarget.files?.[0])}})]}),o.trim()&&n("p",{class:"meta",role:"status",children:[u.length===1?"1 number":`${u.length} numbers`," to import, ",l.length," ",l.length===1?"line is":"lines are"," left out."]}),n(Ms,{bad:l})]})})}function Ms({bad:e}){return e.length===0?null:n("ul",{class:"bad-lines",tabIndex:0,"aria-label":"Lines that are left out",children:[...e].sort((t,r)=>t.line-r.line).slice(0,200).map(({line:t,text:r,reason:o})=>n("li",{children:[n("strong",{children:["Line ",t]})," ",n("code",{children:r})," ",o]},`${t} ${o}`))})}var xa=new Intl.NumberFormat("en");function ce({value:e,label:t,to:r,isBad:o=!1}){let s=n(y,{children:[n("span",{class:o?"value bad":"value",children:xa.format(e)}),n("span",{class:"label",children:t})]});return n("li",{class:"figure",children:r?n("a",{href:r,children:s}):s})}function hn({title:e,children:t}){return n("section",{class:"card",children:[n("h2",{children:e}),n("ul",{class:"figures",children:t})]})}function Os(){let{data:e,error:t,isLoading:r,reload:o}=Z(yo,{}),s=e?.stats;return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Overview"}),n("button",{type:"button",class:"button",disabled:r,onClick:()=>{o()},children:"Refresh"})]}),t&&n("p",{class:"problem",role:"alert",children:re(t.message)}),s&&n("div",{class:"columns",children:[n(hn,{title:"Numbers",children:[n(ce,{value:s.phoneNumbers.available,label:"free",to:"/console/numbers"}),n(ce,{value:s.phoneNumbers.assigned,label:"rented"}),n(ce,{value:s.phoneNumbers.expired,label:"cooling down"}),n(ce,{value:s.phoneNumbers.blocked,label:"blocked"})]}),n(hn,{title:"Webhooks in 24 hours",children:[n(ce,{value:s.webhooks.received,label:"to an inbox",to:"/console/messages"}),n(ce,{value:s.webhooks.duplicate,label:"repeated"}),n(ce,{value:s.webhooks.quarantined,label:"nobody's"}),n(ce,{value:s.webhooks.unroutable,label:"unknown number",isBad:s.webhooks.unroutable>0}),n(ce,{value:s.webhooks.failed,label:"failed",isBad:s.webhooks.failed>0})]}),n(hn,{title:"Users",children:[n(ce,{value:s.users.total,label:"accounts",to:"/console/users"}),n(ce,{value:s.users.active,label:"active"}),n(ce,{value:s.users.premium,label:"premium"})]}),n(hn,{title:"Now",children:[n(ce,{value:s.messageCount,label:"messages kept"}),n(ce,{value:s.openConnectionCount,label:"open connections"})]})]}),!s&&r&&n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]})]})}function Ls(){let e=oe(Ro,{},({otpPatterns:i})=>i),[t,r]=h(!1),o=(i,a)=>w(Mo,{input:{otpPatternId:i,isActive:a}}).then(e.reload,T),s=i=>w(Do,{input:{otpPatternId:i}}).then(e.reload,T);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Code patterns"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a pattern"})]}),n("p",{class:"meta",children:"Codes are found by themselves. A pattern is for the sender whose codes are not."}),n(ie,{caption:"Code patterns",rows:e.nodes,keyOf:({id:i})=>i,columns:[["Pattern",({pattern:i})=>n("code",{class:"wrap",children:i})],["For",({sender:i,provider:a})=>[i&&`sender ${i}`,a&&`provider ${a.name}`].filter(Boolean).join(", ")],["Service",({service:i})=>i??"\u2013"],["",({id:i,isActive:a,pattern:u})=>n("span",{class:"actions",children:[n("button",{type:"button",class:"button","aria-label":`${a?"Pause":"Use"} ${u}`,onClick:()=>o(i,!a),children:a?"Pause":"Use"}),n("button",{type:"button",class:"button quiet danger","aria-label":`Delete ${u}`,onClick:()=>s(i),children:"Delete"})]})]]}),n(se,{list:e,children:[n("h2",{children:"No pattern"}),n("p",{children:"None is needed, as long as the codes are found."})]}),t&&n(ka,{onClose:()=>r(!1),onAdded:e.reload})]})}function ka({onClose:e,onAdded:t}){let{data:r}=Z(nt,{first:100}),[o,s]=h("code is (?<code>\\d{4,8})"),[i,a]=h(""),[u,l]=h(null);return n(L,{title:"Add a pattern",onClose:e,children:n(D,{submit:"Add",onSubmit:async({sender:g="",providerId:m="",service:p=""})=>{let f={pattern:o,...g&&{sender:g},...m&&{providerId:m},...p&&{service:p}};await w(To,{input:f}),P("The pattern is added; messages from now on are read with it."),e(),await t()},aside:n("button",{type:"button",class:"button",onClick:async()=>{try{let{testOtpPattern:g}=await w(Io,{pattern:o,text:i});l(g?`It finds ${g.code}${g.service?` of ${g.service}`:""}.`:"It finds no code.")}catch(g){l(re(g.message))}},children:"Try it"}),children:[n(E,{label:"Regular expression",name:"pattern",class:"mono",spellcheck:!1,value:o,onInput:g=>s(g.currentTarget.value),hint:n(y,{children:["It captures the code as ",n("code",{children:"(?<code>\u2026)"}),", and perhaps whose it is as ",n("code",{children:"(?<service>\u2026)"}),"."]})}),n(E,{label:"A text to try it on",name:"text",children:g=>n("textarea",{...g,rows:3,maxLength:1600,value:i,onInput:m=>a(m.currentTarget.value)})}),u&&n("p",{class:"notice",role:"status",children:u}),n("div",{class:"row",children:[n(E,{label:"Only of this sender",name:"sender"}),n(E,{label:"Only through this provider",name:"providerId",children:g=>n("select",{...g,children:[n("option",{value:"",children:"Every provider"}),r?.providers?.nodes.map(({id:m,name:p})=>n("option",{value:m,children:p},m))]})})]}),n(E,{label:"Whose codes they are",name:"service",hint:"Where the pattern does not capture it."})]})})}function $s(e){let t=Object.entries(e).filter(([r,o])=>r.startsWith("setting.")&&o.trim()!=="").map(([r,o])=>[r.slice(8),Na(o.trim())]);return t.length>0?Object.fromEntries(t):null}function Na(e){if(!/^([[{].*|true|false)$/s.test(e))return e;try{return JSON.parse(e)}catch{return e}}function Aa({isActive:e,health:t}){return e?t?t.hasWeakSecret?{level:"bad",text:"its secret is weak"}:t.failureCount>0?{level:"bad",text:`${t.failureCount} failures`}:t.refusalCount>0&&!t.lastMessageAt?{level:"bad",text:"every request is refused: is the secret right?"}:t.refusalCount>0?{level:"warn",text:`${t.refusalCount} refused`}:t.limitedCount>0?{level:"warn",text:`${t.limitedCount} over its limit`}:t.lastMessageAt?{level:"good",text:"well"}:{level:"off",text:"no message yet"}:{level:"warn",text:"unknown"}:{level:"off",text:"inactive"}}function ir({provider:e}){let{level:t,text:r}=Aa(e);return n("span",{class:`health ${t}`,children:[n("span",{class:"dot","aria-hidden":"true"}),r]})}function Us(){let e=oe(nt,{},({providers:o})=>o),[t,r]=h(!1);return n(y,{children:[n("div",{class:"title",children:[n("h1",{children:"Providers"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a provider"})]}),n(ie,{caption:"Providers",rows:e.nodes,keyOf:({id:o})=>o,columns:[["Name",({id:o,name:s})=>n("a",{href:`/console/providers/${o}`,children:s})],["Kind",({kind:o})=>ee(o)],["Health",o=>n(ir,{provider:o})],["Messages, 24 h",({health:o})=>o?.messageCount??"\u2013"],["Last message",({health:o})=>o?.lastMessageAt?n(K,{time:o.lastMessageAt}):"none"]]}),n(se,{list:e,children:[n("h2",{children:"No provider yet"}),n("p",{children:"A provider brings the messages. Add the account that you have at one, then import its numbers."})]}),t&&n(Ca,{onClose:()=>r(!1)})]})}function Ca({onClose:e}){let{data:t}=Z(_o,{}),r=[...t?.providerKinds??[]].sort((c,d)=>c.title.localeCompare(d.title)),[o,s]=h(""),[i,a]=h(null),u=r.find(c=>c.kind===o),l=async({name:c="",secret:d="",kind:g,...m})=>{if(!u)throw Object.assign(new Error("Choose one"),{field:"kind"});let p=$s(m),f={kind:u.kind,name:c,...d&&{secret:d},...p&&{configuration:p}},{createProvider:b}=await w(wo,{input:f});b&&a({provider:b.provider,secret:b.generatedSecret})};return i?n(L,{title:`${i.provider.name} is added`,onClose:()=>Ie(`/console/providers/${i.provider.id}`),children:[n(ar,{provider:i.provider}),i.secret&&n(y,{children:[n("p",{children:"Its secret, which is shown now and never again:"}),n("p",{class:"address",children:n("code",{children:i.secret})}),n(z,{text:i.secret,what:"the secret",label:"Copy the secret"})]}),n("div",{class:"actions",children:n("a",{class:"button primary",href:`/console/providers/${i.provider.id}`,children:"Go on"})})]}):n(L,{title:"Add a provider",onClose:e,children:n(D,{submit:"Add",onSubmit:l,children:[n(E,{label:"Provider",name:"kind",children:c=>n("select",{...c,value:o,onChange:d=>s(d.currentTarget.value),children:[n("option",{value:"",children:"Choose one"}),r.map(({kind:d,title:g})=>n("option",{value:d,children:g},d))]})}),u&&n(Pa,{kind:u})]})})}function Pa({kind:e}){return n(y,{children:[n(E,{label:"Your own name for it",name:"name",defaultValue:e.kind.toLowerCase().replaceAll("_","-"),hint:"Its webhook address carries it: letters, digits, hyphens, underscores and dots."}),n(E,{label:"Secret",name:"secret",type:"password",autocomplete:"off",hint:e.secret}),e.settings.length>0&&n("details",{children:[n("summary",{children:["Settings (",e.settings.length,"), all optional unless they say otherwise"]}),e.settings.map(({name:t,description:r})=>n(E,{label:t,name:`setting.${t}`,hint:r},t))]})]})}function ar({provider:e}){let t=r=>new URL(r,location.origin).href;return n("dl",{class:"addresses",children:[n("div",{children:[n("dt",{children:"Webhook for messages"}),n("dd",{children:[n("code",{children:t(e.webhookPath)}),n(z,{text:t(e.webhookPath),what:"the webhook address",class:"quiet square"})]})]}),n("div",{children:[n("dt",{children:"Status callbacks"}),n("dd",{children:[n("code",{children:t(e.statusCallbackPath)}),n(z,{text:t(e.statusCallbackPath),what:"the status callback address",class:"quiet square"})]})]})]})}function Vs({id:e}){let{data:t,error:r,reload:o}=Z(vo,{id:e}),s=t?.node&&"webhookPath"in t.node?t.node:null;if(r)return n("p",{class:"problem",role:"alert",children:re(r.message)});if(t&&!s)return n("div",{class:"empty",children:[n("h1",{children:"There is no such provider"}),n("p",{children:n("a",{href:"/console/providers",children:"All providers"})})]});if(!s)return n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]});let i=()=>w(Xt,{input:{providerId:e,isActive:!s.isActive}}).then(o,T);return n(y,{children:[n("p",{class:"crumb",children:n("a",{href:"/console/providers",children:"Providers"})}),n("div",{class:"title",children:[n("h1",{children:s.name}),n("button",{type:"button",class:"button",onClick:i,children:s.isActive?"Deactivate":"Activate"})]}),n("p",{class:"meta",children:[ee(s.kind)," \xB7 ",n(ir,{provider:s})]}),n("div",{class:"columns",children:[n("section",{class:"card",children:[n("h2",{children:"Addresses"}),n("p",{class:"meta",children:"Paste them into the provider's console."}),n(ar,{provider:s})]}),n(Ra,{provider:s}),n(Ia,{provider:s,onChanged:o}),n(Ta,{provider:s,onChanged:o}),n(Da,{provider:s})]})]})}function Ra({provider:{health:e}}){if(!e)return null;let t=[["Messages",e.messageCount],["Repeated",e.duplicateCount],["Unknown number",e.unroutableCount],["Refused",e.refusalCount],["Over the limit",e.limitedCount],["Failed",e.failureCount]];return n("section",{class:"card",children:[n("h2",{children:"Last 24 hours"}),n("ul",{class:"figures",children:t.map(([r,o])=>n("li",{class:"figure",children:[n("span",{class:"value",children:o}),n("span",{class:"label",children:r.toLowerCase()})]},r))}),n("p",{class:"meta",children:[e.lastMessageAt?n(y,{children:["Last message ",n(K,{time:e.lastMessageAt}),"."]}):"No message within 30 days.",e.lastRefusalAt&&n(y,{children:[" Last refusal ",n(K,{time:e.lastRefusalAt}),": ",e.lastRefusalReason,"."]})]}),e.hasWeakSecret&&n("p",{class:"notice",children:"Its secret can be guessed. Replace it."})]})}function Ia({provider:e,onChanged:t}){let[r,o]=h(0),s=async({secret:i="",leaked:a})=>{await w(Xt,{input:{providerId:e.id,secret:i,endPreviousSecret:a!==void 0}}),P("The secret is replaced. Now tell it to the provider."),o(r+1),await t()};return n("section",{class:"card",children:[n("h2",{children:"Secret"}),n("p",{class:"meta",children:[e.secretVerifiedAt?n(y,{children:["A webhook was verified with it ",n(K,{time:e.secretVerifiedAt}),"."]}):"No webhook has been verified with it yet: send a test message from the provider.",e.secretChangedAt&&n(y,{children:[" Replaced ",n(K,{time:e.secretChangedAt}),"."]})]}),n(D,{submit:"Replace",onSubmit:s,children:[n(E,{label:"New secret",name:"secret",type:"password",autocomplete:"off",hint:"The one before stays good until a webhook has come with the new one."}),n("label",{class:"check",children:[n("input",{type:"checkbox",name:"leaked"}),"The one before has leaked: end it at once"]})]},r)]})}function Ta({provider:e,onChanged:t}){return n("section",{class:"card",children:[n("h2",{children:"Settings"}),n(D,{submit:"Save",onSubmit:async({priority:o="",rateLimit:s="",configuration:i=""})=>{let a;try{a=JSON.parse(i||"{}")}catch{throw Object.assign(new Error("Must be JSON: an object"),{field:"configuration"})}await w(Xt,{input:{providerId:e.id,priority:Number(o),rateLimitPerMinute:Number(s),configuration:a}}),P("The settings are saved."),await t()},children:[n("div",{class:"row",children:[n(E,{label:"Priority",name:"priority",type:"number",min:1,max:1e3,defaultValue:String(e.priority),hint:"Numbers of the lowest are rented first."}),n(E,{label:"Webhooks a minute",name:"rateLimit",type:"number",min:1,defaultValue:String(e.rateLimitPerMinute)})]}),n(E,{label:"Configuration",name:"configuration",children:o=>n("textarea",{...o,rows:4,spellcheck:!1,class:"mono",defaultValue:JSON.stringify(e.configuration,null,2)})})]})]})}var Ma={DELIVERED:"It is in the inbox of whoever rents the number.",DUPLICATE:"It had arrived before.",QUARANTINED:"It is kept, and nobody sees it: nobody rents the number.",UNROUTABLE:"The number is not this provider's."};function Da({provider:e}){let{data:t}=Z(Zt,{first:100}),r=t?.phoneNumbers?.nodes.filter(a=>a.provider?.id===e.id)??[],[o,s]=h(null);return n("section",{class:"card",children:[n("h2",{children:"Test message"}),n("p",{class:"meta",children:"Received as if the provider had brought it."}),n(D,{submit:"Send it",onSubmit:async({to:a="",from:u="",text:l=""})=>{s(null);let{simulateInboundSms:c}=await w(So,{input:{to:a,from:u,text:l}});if(c){let d=c.message?.otp?.code;s(`${Ma[c.outcome]??c.outcome}${d?` Its code is ${d}.`:""}`)}},children:[n(E,{label:"To",name:"to",list:"numbers-of-provider",defaultValue:r[0]?.phoneNumber??"",hint:r.length===0&&t?"This provider has no numbers yet.":void 0},r[0]?.id??""),n("datalist",{id:"numbers-of-provider",children:r.map(({id:a,phoneNumber:u})=>n("option",{value:u},a))}),n(E,{label:"From",name:"from",defaultValue:"Example"}),n(E,{label:"Text",name:"text",defaultValue:"Your Example code is 482913."})]}),o&&n("p",{class:"notice",role:"status",children:o})]})}function Fs(){let[e,t]=h(""),r=Oa(e.trim()),s=oe(Ao,{filter:r?{emailContains:r}:{}},({users:a})=>a),i=async(a,u)=>{try{await w(Co,{input:a}),P(`${u} is changed.`)}catch(l){T(l)}await s.reload()};return n(y,{children:[n("div",{class:"title",children:n("h1",{children:"Users"})}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"E-mail"}),n("input",{type:"search",placeholder:"Part of an address",value:e,onInput:a=>t(a.currentTarget.value)})]}),s.totalCount!==null&&n("p",{class:"meta",children:s.totalCount===1?"1 user":`${s.totalCount} users`})]}),n(ie,{caption:"Users",rows:s.nodes,keyOf:({id:a})=>a,columns:[["E-mail",({email:a,firstName:u,lastName:l,emailVerified:c})=>n(y,{children:[n("strong",{children:a}),n("p",{class:"meta",children:[[u,l].filter(Boolean).join(" "),!c&&" \xB7 not verified"]})]})],["Plan",({id:a,email:u,plan:l})=>n("select",{"aria-label":`Plan of ${u}`,value:l,onChange:c=>{i({userId:a,plan:c.currentTarget.value},u)},children:[n("option",{value:"FREE",children:"free"}),n("option",{value:"PREMIUM",children:"premium"})]})],["Role",({id:a,email:u,role:l})=>n("select",{"aria-label":`Role of ${u}`,value:l,disabled:a===Y.value?.id,onChange:c=>{i({userId:a,role:c.currentTarget.value},u)},children:[n("option",{value:"USER",children:"user"}),n("option",{value:"ADMIN",children:"administrator"})]})],["Last sign-in",({lastLogin:a})=>a?n(K,{time:a}):"never"],["",({id:a,email:u,isActive:l})=>a===Y.value?.id?n("span",{class:"tag",children:"you"}):n("button",{type:"button",class:l?"button quiet danger":"button","aria-label":`${l?"Deactivate":"Activate"} ${u}`,onClick:()=>{i({userId:a,isActive:!l},u)},children:l?"Deactivate":"Activate"})]]}),n(se,{list:s,children:[n("h2",{children:"Nobody"}),n("p",{children:"No address has that in it."})]})]})}function Oa(e){let[t,r]=h(e);return ne(()=>{let o=setTimeout(()=>r(e),250);return()=>clearTimeout(o)},[e]),t}var Bs=[["/console","Overview",Os],["/console/providers","Providers",Us],["/console/numbers","Numbers",Ds],["/console/messages","Where is my SMS?",Ps],["/console/users","Users",Fs],["/console/invitations","Invitations",Ns],["/console/patterns","Code patterns",Ls],["/console/blocked-senders","Blocked senders",xs],["/console/audit","Audit log",Ss]];function La(e){let t=e?.querySelector("[aria-current]");e&&t&&(e.scrollLeft=t.offsetLeft-e.offsetLeft-24)}function Ks(){if(Y.value?.role!=="ADMIN")return n("div",{class:"empty",children:[n("h1",{children:"This is for administrators"}),n("p",{children:["Your account is not one. ",n("a",{href:"/",children:"Back to the inbox"})]})]});let e=xe.value,t=e.startsWith("/console/providers/")?ms.value[2]:void 0,r=Bs.find(([o])=>o===e)?.[2];return n("div",{class:"console",children:[n("nav",{"aria-label":"Console",ref:La,children:Bs.map(([o,s])=>n("a",{href:o,"aria-current":e===o||o!=="/console"&&e.startsWith(`${o}/`)?"page":void 0,children:s},o))}),n("div",{class:"page",children:t?n(Vs,{id:t},t):r&&n(r,{})})]})}var bn=/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u,$a=/\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;function qs(e){let t=[],r=0;for(let o of e.matchAll($a)){let s=o[0].replace(/[.,;:!?)\]]+$/u,""),i=Ua(s);!i||bn.test(s)||(t.push(...Ws(e.slice(r,o.index)),{kind:"link",text:s,url:i}),r=o.index+s.length)}return t.push(...Ws(e.slice(r))),t}function Ua(e){try{let t=new URL(e);return t.protocol==="https:"||t.protocol==="http:"?t:null}catch{return null}}function Ws(e){return e.split(new RegExp(`(${bn.source})`,"u")).filter(Boolean).map(r=>bn.test(r)?{kind:"hidden",name:Va(r)}:{kind:"text",text:r})}function Va(e){return`U+${(e.codePointAt(0)??0).toString(16).toUpperCase().padStart(4,"0")}`}function Ae(e){return e>99?"99+":`${e}`}function Te(e){return e.replace(new RegExp(bn.source,"gu"),"").replace(/\s+/gu," ").trim()}var Gs="otpwire-announce",at=U(localStorage.getItem(Gs)==="yes"),ur=U("");async function Hs(e){return at.value=e,localStorage.setItem(Gs,e?"yes":"no"),e?(zs(),!("Notification"in globalThis)||!isSecureContext?"Sound is on. Notifications need https.":await Notification.requestPermission()==="granted"?null:"Sound is on. This browser does not allow notifications for this page."):null}var Qs=new BroadcastChannel("otpwire-announced"),js="";Qs.onmessage=({data:e})=>js=e;function Ys(){let e=document.title;be(()=>{document.title=je.value>0?`(${Ae(je.value)}) ${e}`:e}),be(()=>{let t=an.value[0];t&&(ur.value=Fa(t,an.value.length),!(!at.value||js===t.id)&&(Qs.postMessage(t.id),zs(),document.hidden&&"Notification"in globalThis&&Notification.permission==="granted"&&Ba(t)))})}function Fa(e,t){if(t>1)return`${t} new messages`;let r=Te(e.otp?.service??e.senderNumber);return e.otp?`New code of ${r}: ${[...e.otp.code].join(" ")}`:`New message of ${r}`}function Ba({id:e,otp:t,senderNumber:r,messageContent:o}){let s=t?`${t.code} \xB7 ${Te(t.service??r)}`:Te(r),i=new Notification(s,{body:Te(o).slice(0,120),tag:e,icon:"/assets/icon.svg"});i.onclick=()=>{focus(),i.close()}}function zs(){try{let e=new AudioContext;[660,880].forEach((t,r)=>{let[o,s]=[e.createOscillator(),e.createGain()],i=e.currentTime+r*.12;o.frequency.value=t,s.gain.setValueAtTime(1e-4,i),s.gain.exponentialRampToValueAtTime(.12,i+.02),s.gain.exponentialRampToValueAtTime(1e-4,i+.25),o.connect(s).connect(e.destination),o.start(i),o.stop(i+.3)}),setTimeout(()=>{e.close()},1e3)}catch{}}function Xs(){let e=Y.value,[t,r]=h(0);return e?n("div",{class:"page columns",children:[n("div",{class:"title",children:[n("h1",{children:"Account"}),n("button",{type:"button",class:"button",onClick:()=>{qn().catch(T)},children:"Sign out"})]}),n(Ka,{user:e}),n(Wa,{user:e,onChange:()=>r(t+1)},`password ${t}`),n(qa,{},`sessions ${t}`),n(Ha,{},`keys ${t}`)]}):null}function Ka({user:e}){let t=async({firstName:o="",lastName:s=""})=>{await w(co,{input:{firstName:o,lastName:s}}),await dn(),P("Your name is saved.")},r=()=>w(Jt,{input:{email:e.email}}).then(()=>P("A mail is on its way."),T);return n("section",{class:"card",children:[n("h2",{children:"Profile"}),n("p",{class:"meta",children:[e.email," \xB7 ",e.plan==="PREMIUM"?"premium":"free"," plan",e.role==="ADMIN"&&" \xB7 administrator"]}),!e.emailVerified&&n("p",{class:"notice",children:["Your address is not verified yet. ",n("button",{type:"button",class:"button",onClick:r,children:"Send the mail again"})]}),n(D,{submit:"Save",onSubmit:t,children:n("div",{class:"row",children:[n(E,{label:"First name",name:"firstName",autocomplete:"given-name",defaultValue:e.firstName??""}),n(E,{label:"Last name",name:"lastName",autocomplete:"family-name",defaultValue:e.lastName??""})]})})]})}function Wa({user:e,onChange:t}){return n("section",{class:"card",children:[n("h2",{children:"Password"}),n(D,{submit:"Change the password",onSubmit:async({currentPassword:o="",newPassword:s="",...i})=>{let a="revokeApiKeys"in i;await Zr(o,s,a),P(`The password is changed. Every other session has ended${a?", and all keys for programs are revoked":""}.`),t()},children:[n("input",{type:"hidden",name:"username",autocomplete:"username",value:e.email}),n(E,{label:"Current password",name:"currentPassword",type:"password",autocomplete:"current-password"}),n(E,{label:"New password",name:"newPassword",type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."}),n("fieldset",{class:"checks",children:[n("legend",{children:"If somebody else may know the old one"}),n("label",{children:[n("input",{type:"checkbox",name:"revokeApiKeys"}),"Revoke all keys for programs as well"]})]})]})]})}function qa(){let{data:e,reload:t}=Z(po,{}),r=s=>w(mo,{input:{sessionId:s}}).then(t,T);return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Sessions"}),n("button",{type:"button",class:"button danger",onClick:async()=>{try{await w(fo),await qn()}catch(s){T(s)}},children:"Sign out everywhere"})]}),n("ul",{class:"rows",children:e?.sessions?.map(({id:s,isCurrent:i,userAgent:a,ipAddress:u,lastUsedAt:l})=>n("li",{children:[n("div",{children:[n("strong",{children:Ga(a)}),i&&n("span",{class:"tag",children:"this one"}),n("p",{class:"meta",children:[u??"an unknown address"," \xB7 ",n(K,{time:l})]})]}),!i&&n("button",{type:"button",class:"button quiet danger",onClick:()=>r(s),children:"End"})]},s))})]})}function Ga(e){if(!e)return"Unknown program";let t=/(Edg|OPR|Firefox|Chrome|Safari|curl|otpwire)[/ ]/.exec(e)?.[1],r=/(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(e)?.[1];return t?[{Edg:"Edge",OPR:"Opera"}[t]??t,r&&`on ${r==="Mac OS X"?"macOS":r}`].filter(Boolean).join(" "):e.slice(0,40)}var Js=[["READ_MESSAGES","Read messages",!0],["RENT_NUMBERS","Rent numbers",!0],["LEASE_NUMBERS","Lease numbers, and read what comes meanwhile",!1]];function Ha(){let{data:e,reload:t}=Z(go,{}),[r,o]=h(null),[s,i]=h(!1),a=l=>w(bo,{input:{apiKeyId:l}}).then(t,T),u=async({name:l="",days:c="",...d})=>{let g=Js.map(([p])=>p).filter(p=>p in d),{createApiKey:m}=await w(ho,{input:{name:l,scopes:g,expiresInDays:c?Number(c):null}});i(!1),o(m?.key??null),t()};return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Keys for programs"}),n("button",{type:"button",class:"button",onClick:()=>i(!0),children:"Make one"})]}),e?.apiKeys?.length===0&&n("p",{class:"meta",children:"With a key, a test pipeline rents numbers and waits for codes, and your password stays yours."}),n("ul",{class:"rows",children:e?.apiKeys?.map(({id:l,name:c,prefix:d,lastUsedAt:g,expiresAt:m})=>n("li",{children:[n("div",{children:[n("strong",{children:c}),n("p",{class:"meta",children:[n("code",{children:[d,"\u2026"]})," \xB7 ",g?n(y,{children:["used ",n(K,{time:g})]}):"never used",m&&n(y,{children:[" \xB7 ends ",m.slice(0,10)]})]})]}),n("button",{type:"button",class:"button quiet danger",onClick:()=>a(l),children:"Revoke"})]},l))}),s&&n(L,{title:"A key for a program",onClose:()=>i(!1),children:n(D,{submit:"Make the key",onSubmit:u,children:[n(E,{label:"Name",name:"name",placeholder:"CI"}),n("fieldset",{class:"checks",children:[n("legend",{children:"It may"}),Js.map(([l,c,d])=>n("label",{children:[n("input",{type:"checkbox",name:l,defaultChecked:d}),c]},l))]}),n(E,{label:"Ends after days",name:"days",type:"number",min:1,max:365,hint:"1 to 365. Empty: it does not end."})]})}),r&&n(L,{title:"Your new key",onClose:()=>o(null),children:[n("p",{children:"It is shown now and never again."}),n("p",{class:"address",children:n("code",{children:r})}),n("div",{class:"actions",children:n(z,{text:r,what:"the key",class:"primary",label:"Copy the key"})})]})]})}function Ce({title:e,lead:t,children:r}){return n("section",{class:"card narrow",children:[n("h1",{children:e}),t&&n("p",{class:"lead",children:t}),r]})}var yn={label:"E-mail",name:"email",type:"email",autocomplete:"username",inputMode:"email"},Zs={type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."};function ei(){return n(Ce,{title:"Sign in",lead:"Numbers for a while, and the codes that arrive on them, as they arrive.",children:[n(D,{submit:"Sign in",onSubmit:({email:e="",password:t=""})=>St({email:e,password:t}),children:[n(E,{...yn}),n(E,{label:"Password",name:"password",type:"password",autocomplete:"current-password"})]}),n("p",{class:"fine",children:[n("a",{href:"/forgot-password",children:"Forgot your password?"}),Fe==="open"&&n(y,{children:[" \xB7 ",n("a",{href:"/register",children:"Make an account"})]}),Fe==="invite"&&" \xB7 Accounts are made by invitation."]})]})}function ti(){let[e]=h(()=>it("token")),t=async({email:r="",password:o="",firstName:s,lastName:i})=>{let a={email:r,password:o,firstName:s||null,lastName:i||null,invitation:e},{register:u}=await w(io,{input:a}).catch(l=>{throw l.field==="invitation"?new ue(l.code,l.message):l});await St({email:r,password:o}),P(u?.user.emailVerified?"Welcome.":`Welcome. A mail to ${r} verifies your address.`)};return Fe==="closed"?n(Ce,{title:"Nobody can make an account here",lead:"The operator makes the accounts.",children:n("p",{class:"fine",children:["You have one? ",n("a",{href:"/sign-in",children:"Sign in"})]})}):Fe==="invite"&&!e?n(Ce,{title:"Accounts are made by invitation",lead:"Open the link of your invitation. If you have none, ask an administrator.",children:n("p",{class:"fine",children:["You have an account? ",n("a",{href:"/sign-in",children:"Sign in"})]})}):n(Ce,{title:"Make an account",...e?{lead:"You are invited."}:{},children:[n(D,{submit:"Make the account",onSubmit:t,children:[n(E,{...yn,...or.length>0&&!e?{hint:`An address of ${or.join(" or ")}.`}:{}}),n(E,{label:"Password",name:"password",...Zs}),n("div",{class:"row",children:[n(E,{label:"First name (optional)",name:"firstName",autocomplete:"given-name"}),n(E,{label:"Last name (optional)",name:"lastName",autocomplete:"family-name"})]})]}),n("p",{class:"fine",children:["You have one? ",n("a",{href:"/sign-in",children:"Sign in"})]})]})}function ni(){let[e]=h(()=>it("token")),[t,r]=h("working");ne(()=>{e&&w(ao,{input:{token:e}}).then(()=>r("done"),s=>r(re(`The link ${s.message}`)))},[]);let o=async({email:s=""})=>{await w(Jt,{input:{email:s}}),P("If there is an account with this address that is not verified, a mail is on its way.")};return e&&t==="working"?n(Ce,{title:"One moment\u2026",children:n("p",{children:"Your address is being verified."})}):e&&t==="done"?n(Ce,{title:"Your address is verified",lead:"Sessions from before have ended, so sign in again.",children:n("p",{children:n("a",{class:"button primary",href:"/sign-in",children:"Sign in"})})}):n(Ce,{title:"Verify your address",lead:e?t:"The link in the mail does it. Without the mail, have it sent again.",children:n(D,{submit:"Send the mail again",onSubmit:o,children:n(E,{...yn})})})}function ri(){let[e,t]=h(!1),r=async({email:o=""})=>{await w(uo,{input:{email:o}}),t(!0)};return e?n(Ce,{title:"Look into your mail",lead:"If there is an account with this address, a mail with a link is on its way. The link is good for an hour.",children:n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})}):n(Ce,{title:"A new password",lead:"A mail brings you a link with which you can set one.",children:[n(D,{submit:"Send the mail",onSubmit:r,children:n(E,{...yn})}),n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})]})}function oi(){let[e]=h(()=>it("token")??"");return n(Ce,{title:"Set a new password",lead:"Every session and API key of the account ends.",children:n(D,{submit:"Set the password",onSubmit:async({password:r=""})=>{try{await w(lo,{input:{token:e,password:r}})}catch(o){throw o instanceof ue&&o.field==="token"?new ue(o.code,`The link ${o.message}`):o}P("The password is set. Sign in with it."),Ie("/sign-in")},children:n(E,{label:"New password",name:"password",...Zs})})})}var si=[["j","k","the next and the previous message"],["c","","copy the code"],["o","Enter","show the whole text"],["r","","mark as read"],["#","Delete","delete"],["n","","rent a number"],["/","","search"],["?","","show the keys"]],Qa={j:"next",ArrowDown:"next",k:"previous",ArrowUp:"previous",c:"copy",o:"open",Enter:"open",r:"read","#":"delete",Delete:"delete",n:"rent","/":"search","?":"help"};function ii(e){ne(()=>{let t=r=>{let o=r.target instanceof Element?r.target:null,s=r.defaultPrevented||r.ctrlKey||r.metaKey||r.altKey||o?.closest("input, select, textarea, dialog")||r.key==="Enter"&&o?.closest("a, button"),i=Qa[r.key];i&&!s&&e(i)&&r.preventDefault()};return document.addEventListener("keydown",t),()=>document.removeEventListener("keydown",t)})}function ai({text:e}){let[t,r]=h(null);return n(y,{children:[n("p",{class:"text",dir:"auto",children:qs(e).map(o=>{switch(o.kind){case"text":return o.text;case"hidden":return n("span",{class:"hidden-character",title:"A character that nobody sees",children:o.name});case"link":return n("button",{type:"button",class:"link",onClick:()=>r(o.url),children:o.text})}})}),t&&n(ja,{url:t,onClose:()=>r(null)})]})}function ja({url:e,onClose:t}){return n(L,{title:"Open this address?",onClose:t,children:[n("p",{children:["A stranger sent it. It leads to ",n("strong",{children:n("bdi",{children:e.host})}),":"]}),n("p",{class:"address",children:n("bdi",{children:e.href})}),n("div",{class:"actions",children:[n("a",{class:"button primary",href:e.href,target:"_blank",rel:"noopener noreferrer",onClick:t,children:"Open in a new tab"}),n(z,{text:e.href,what:"the address",label:"Copy"})]})]})}var ui=pn(({message:e,isOpen:t,onToggle:r})=>{let{otp:o,senderNumber:s,phoneNumber:i,isRead:a,messageType:u,channel:l}=e,c=Te(o?.service??s)||"Unknown sender";return n("li",{class:`message ${a?"is-read":"unread"} ${t?"open":""}`,"data-id":e.id,children:n("article",{"aria-label":`${a?"":"Unread: "}${c}${o?`, code ${o.code}`:""}`,tabIndex:-1,children:[n("span",{class:`avatar hue-${Ja(c)}`,"aria-hidden":"true",children:[...c][0]?.toUpperCase()}),n("div",{class:"who",children:[n("h2",{children:[n("bdi",{children:c}),!a&&n("span",{class:"unread-dot",title:"Unread"})]}),n("p",{class:"meta",children:[o?.service&&o.service.toLowerCase()!==s.toLowerCase()&&n(y,{children:[n("bdi",{children:Te(F(s))})," \xB7 "]}),"to ",n("bdi",{children:F(i)}),l!=="SMS"&&` by ${tn[l]}`," \xB7 ",n(K,{time:e.receivedAt})]})]}),o?n(Ya,{code:o.code,name:c,message:e}):u==="VERIFICATION"&&n("span",{class:"tag",children:"Confirmation"}),n("button",{type:"button",class:"preview","aria-expanded":t,onClick:()=>r(e),children:[n("span",{class:"off-screen",children:[t?"Hide":"Show"," the whole text of ",c,": "]}),n("span",{class:"preview-text",dir:"auto",children:t?"Hide the text":Te(e.messageContent)}),n(j,{name:"down"})]}),t&&n(za,{message:e})]})})});function Ya({code:e,name:t,message:r}){let o=/^\d{6,9}$/.test(e)?e.match(e.length%3===0?/.{3}/g:/.{1,4}/g)??[e]:[e];return n("div",{class:"code-line",children:[n("span",{class:"code",children:o.map((s,i)=>n("span",{children:s},i))}),n(z,{text:e,what:`the code of ${t}`,class:"strong",label:"Copy",onCopied:()=>{st(r).catch(T)}})]})}function za({message:e}){let[t,r]=h(!1),o=()=>cn(e).then(()=>P("The message is deleted."),T);return n("div",{class:"details",children:[n(ai,{text:e.messageContent}),e.media.length>0&&n("p",{class:"meta",children:[e.media.length===1?"A file came with it":`${e.media.length} files came with it`,"; it stays at the provider."]}),n("div",{class:"actions",children:[n(z,{text:e.messageContent,what:"the text",label:"Copy the text"}),t?n(y,{children:[n("button",{type:"button",class:"button danger",onClick:o,children:"Delete for good"}),n("button",{type:"button",class:"button quiet",onClick:()=>r(!1),children:"Keep"})]}):n("button",{type:"button",class:"button quiet danger",onClick:()=>r(!0),children:[n(j,{name:"trash"}),"Delete"]})]})]})}function Ja(e){let t=0;for(let r of e.toLowerCase())t=(t*31+(r.codePointAt(0)??0))%997;return t%8}var Xa=[["","Every type"],["OTP","Codes"],["VERIFICATION","Confirmations"],["SMS","Others"]];function Ye(e){Q.value={...Q.value,...e}}function li(){let[e,t]=h(!1),{text:r,phoneNumberId:o,service:s,sender:i,type:a,channel:u,unread:l}=Q.value,{services:c,senders:d,channels:g}=ns(C.value?.messages??[]),m=new Map(C.value?.messages.map(f=>[f.phoneNumberId,f.phoneNumber]));for(let f of ge.value??[])m.set(f.id,f.phoneNumber);let p=[o,s,i,a,u].filter(Boolean).length;return n("search",{class:"search",children:[n("label",{class:"search-text",children:[n(j,{name:"search"}),n("span",{class:"off-screen",children:"Search the messages"}),n("input",{id:"search",type:"search",placeholder:"Search",value:r,onInput:f=>Ye({text:f.currentTarget.value})}),n("kbd",{"aria-hidden":"true",children:"/"})]}),n("div",{class:"toggles",children:[n("button",{type:"button",class:"button","aria-pressed":l,onClick:()=>Ye({unread:!l}),children:"Unread"}),n("button",{type:"button",class:"button","aria-expanded":e,onClick:()=>t(!e),children:["Filters",p>0&&n("span",{class:"badge",children:p})]}),rt(Q.value)&&n("button",{type:"button",class:"button quiet",onClick:()=>Q.value=Ee,children:"Clear"})]}),e&&n("div",{class:"filters",children:[n(It,{label:"Number",value:o,options:[["","Every number"],...[...m].map(([f,b])=>[f,F(b)])],onChange:f=>Ye({phoneNumberId:f})}),n(It,{label:"Service",value:s,options:[["","Every service"],...c.map(f=>[f,f])],onChange:f=>Ye({service:f})}),n(It,{label:"Sender",value:i,options:[["","Every sender"],...d.map(f=>[f,f])],onChange:f=>Ye({sender:f})}),(u||g.some(f=>f!=="SMS"))&&n(It,{label:"Channel",value:u,options:[["","Every channel"],...g.map(f=>[f,tn[f]])],onChange:f=>Ye({channel:f})}),n(It,{label:"Type",value:a,options:Xa,onChange:f=>Ye({type:f})})]})]})}function It({label:e,value:t,options:r,onChange:o}){return n("label",{class:"choice",children:[n("span",{children:e}),n("select",{value:t,onChange:s=>o(s.currentTarget.value),children:r.map(([s,i])=>n("option",{value:s,children:i},s))})]})}var Za=24*36e5;function ci(){let e=ge.value;return n("div",{class:"page",children:[n("div",{class:"title",children:n("h1",{children:"Numbers"})}),e?.length?n("ul",{class:"grid",children:e.map(t=>n(eu,{number:t},t.id))}):e&&n("div",{class:"empty",children:[n("h2",{children:"You rent no number yet"}),n("p",{children:"Choose a country below. The number is yours for as long as you say, and codes that are sent to it appear in the inbox."})]}),n("h2",{children:"Rent a number"}),n(mi,{})]})}function eu({number:e}){let[t,r]=h(!1),[o,s]=h(!1),i=F(e.phoneNumber),a=un.value.get(e.id)??0,u=C.value?.messages.filter(({phoneNumberId:c})=>c===e.id).length??0,l=()=>{Q.value={...Ee,phoneNumberId:e.id},Ie("/")};return n("li",{class:"card number",children:[n("div",{class:"line",children:[n("h2",{children:n("bdi",{children:i})}),n(z,{text:e.phoneNumber,what:`the number ${i}`,class:"quiet square"})]}),n("p",{class:"meta",children:[Ne(e.countryCode),e.expiresAt&&n(y,{children:[" \xB7 ",n(j,{name:"clock"})," ",n(fn,{until:e.expiresAt})," left"]}),e.isGranted&&" \xB7 granted to a pool of yours"]}),n(tu,{number:e}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button",onClick:l,children:[u===1?"1 message":`${Ae(u)} messages`,a>0&&n("span",{class:"badge",children:[Ae(a),n("span",{class:"off-screen",children:" unread"})]})]}),n("button",{type:"button",class:"button",onClick:()=>r(!0),disabled:di(e)<1,children:"Extend"}),n("button",{type:"button",class:"button quiet danger",onClick:()=>s(!0),children:"Release"})]}),t&&n(nu,{number:e,onClose:()=>r(!1)}),o&&n(ru,{number:e,onClose:()=>s(!1)})]})}function tu({number:e}){let[t,r]=h(null),o=async s=>{try{let{labelPhoneNumber:i}=await w(zo,{input:{phoneNumberId:e.id,label:s.trim()||null}});i&&ot(i.phoneNumber),r(null)}catch(i){T(i)}};return n("label",{class:"note",children:[n(j,{name:"note"}),n("span",{class:"off-screen",children:["Note on ",F(e.phoneNumber)]}),n("input",{type:"text",maxLength:50,placeholder:"A note of your own",value:t??e.label??"",onInput:s=>r(s.currentTarget.value),onChange:s=>{o(s.currentTarget.value)}})]})}function di({assignedAt:e,expiresAt:t}){return!e||!t?0:Math.floor((Date.parse(e)+Za-Date.parse(t))/36e5)}var lr=e=>e===1?"1 hour":`${e} hours`;function pi({most:e,name:t="hours",initial:r=1}){let[o,s]=h(Math.min(r,e));return n(E,{label:"For how long",name:t,children:i=>n("span",{class:"range",children:[n("input",{...i,type:"range",min:1,max:e,value:o,"aria-valuetext":lr(o),onInput:a=>s(a.currentTarget.valueAsNumber)}),n("output",{children:lr(o)})]})})}function nu({number:e,onClose:t}){let[r]=h(vn),o=async({hours:s="1"})=>{let i={phoneNumberId:e.id,durationHours:Number(s),idempotencyKey:r},{extendPhoneNumber:a}=await w(jo,{input:i});a&&ot(a.phoneNumber),P(`${F(e.phoneNumber)} is yours for longer.`),t()};return n(L,{title:`Extend ${F(e.phoneNumber)}`,onClose:t,children:n(D,{submit:"Extend",onSubmit:o,children:[n(pi,{most:di(e)}),n("p",{class:"hint",children:"A rental may last 24 hours in all."})]})})}function ru({number:e,onClose:t}){let r=async()=>{let{releasePhoneNumber:o}=await w(Yo,{input:{phoneNumberId:e.id}});o&&ot(o.phoneNumber),P(`${F(e.phoneNumber)} is given back.`),t()};return n(L,{title:`Release ${F(e.phoneNumber)}?`,onClose:t,children:[n("p",{children:"Codes that are sent to it from now on do not reach you. The messages that it has received stay in your inbox."}),n(D,{submit:"Release the number",onSubmit:r,children:null})]})}function mi({onRented:e}){let[t,r]=h(vn),o=[...Zn.value].sort((l,c)=>Ne(l.code).localeCompare(Ne(c.code))),s=o.find(({availableCount:l})=>l>0)?.code,[i,a]=h(null),u=async({hours:l="1"})=>{let c=i??s;if(!c)throw new Error("No number is free now");try{let{assignPhoneNumber:d}=await w(Qo,{input:{countryCode:c,durationHours:Number(l),idempotencyKey:t}});if(r(vn()),!d)return;ot(d.phoneNumber),sn().catch(()=>{}),P(`${F(d.phoneNumber.phoneNumber)} is yours for ${lr(Number(l))}.`),e?.()}catch(d){throw d instanceof ue&&d.code!=="OFFLINE"&&r(vn()),d instanceof ue?ou(d,c):d}};return ge.value===null?n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{})]}):o.length===0?n("div",{class:"empty",children:[n("h2",{children:"There are no numbers to rent"}),n("p",{children:"The operator of this server has to add some first."})]}):n(D,{submit:"Rent a number",onSubmit:u,class:"form rent",children:[n("fieldset",{class:"countries",children:[n("legend",{children:"Country"}),n("div",{class:"choices",children:o.map(({code:l,availableCount:c})=>n("label",{class:c===0?"none":void 0,children:[n("input",{type:"radio",name:"country",value:l,checked:l===(i??s),disabled:c===0,onChange:()=>a(l)}),n("span",{class:"code","aria-hidden":"true",children:l}),n("span",{class:"name",children:Ne(l)}),n("span",{class:"count",children:c===0?"none free":`${c} free`})]},l))})]}),n(pi,{most:24})]})}function ou(e,t){switch(e.code){case"NO_NUMBER_AVAILABLE":{let r=e.details.availableAt,o=typeof r=="string"?Math.max(1,Math.ceil((Date.parse(r)-ke.value)/6e4)):null,s=o===null?"":` One becomes free in ${o===1?"a minute":`${o} minutes`}.`;return new Error(`Every number of ${Ne(t)} is taken now.${s}`)}case"EMAIL_NOT_VERIFIED":return new Error("Verify your e-mail address first, with the link in the mail. Your account page sends it again.");default:return e}}function vn(){return Array.from(crypto.getRandomValues(new Uint8Array(16)),e=>e.toString(16).padStart(2,"0")).join("")}function fi({onClose:e}){return n(L,{title:"Rent a number",onClose:e,children:n(mi,{onRented:e})})}var cr=100;function dr(){let[e,t]=h(null),[r,o]=h(null),[s,i]=h(new Set),[a,u]=h(cr),l=At.value.slice(0,a),c=At.value.length>a||(C.value?.older??null)!==null,d=l.find(({id:b})=>b===r),g=ft(b=>{i(v=>{let x=new Set(v);return x.delete(b.id)||x.add(b.id),x}),st(b).catch(T)},[]),m=()=>{u(a+cr),At.value.length<a+cr&&nr().catch(T)},p=b=>{o(v=>{let x=l.findIndex(({id:S})=>S===v);return l[Math.max(0,Math.min(l.length-1,x+b))]?.id??v})},f=async({otp:b,...v})=>{!b||!await sr(b.code)||(P(`${b.code} is copied.`),await st({otp:b,...v}))};return ii(b=>{switch(b){case"next":return p(1),!0;case"previous":return p(-1),!0;case"rent":return t("rent"),!0;case"help":return t("keys"),!0;case"search":return document.getElementById("search")?.focus(),!0}let v=d??l[0];if(!v)return!1;switch(o(v.id),b){case"copy":return f(v).catch(T),!0;case"open":return g(v),!0;case"read":return st(v).catch(T),!0;case"delete":return t("delete"),!0}}),ne(()=>{if(!r)return;let b=document.querySelector(`[data-id="${CSS.escape(r)}"] > article`);b?.focus({preventScroll:!0}),b?.scrollIntoView({block:"nearest"})},[r]),n("div",{class:"inbox",children:[n("aside",{"aria-label":"Your numbers",children:n(su,{onRent:()=>t("rent")})}),n("section",{"aria-label":"Messages",children:[n("div",{class:"title",children:[n("h1",{children:"Inbox"}),n("div",{class:"tools",children:[l.length>0&&ge.value?.length===0&&n("button",{type:"button",class:"button narrow-only",onClick:()=>t("rent"),children:[n(j,{name:"plus"}),"Rent"]}),je.value>0&&n("button",{type:"button",class:"button quiet",onClick:()=>{cs().catch(T)},children:"Mark all read"}),n(au,{}),n("button",{type:"button",class:"button quiet square keys","aria-label":"Keys",title:"Keys",onClick:()=>t("keys"),children:n(j,{name:"keyboard"})})]})]}),n(li,{}),Nt.value&&n("p",{class:"notice",role:"alert",children:["Messages came while this page was away, and have expired since. What is kept is below.",n("button",{type:"button",class:"button quiet",onClick:()=>Nt.value=!1,children:"All right"})]}),n("p",{class:"off-screen","aria-live":"polite",children:ur.value}),l.length>0?n("ol",{class:"messages",children:l.map(b=>n(ui,{message:b,isOpen:s.has(b.id),onToggle:g},b.id))}):n(uu,{onRent:()=>t("rent")}),l.length>0&&c&&n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:Qe.value,onClick:m,children:Qe.value?"One moment\u2026":"Show older ones"})})]}),e==="rent"&&n(fi,{onClose:()=>t(null)}),e==="keys"&&n(lu,{onClose:()=>t(null)}),e==="delete"&&d&&n(cu,{message:d,onClose:()=>t(null)})]})}function su({onRent:e}){let t=Q.value.phoneNumberId;return n(y,{children:[n("div",{class:"title",children:[n("h2",{children:"Your numbers"}),n("button",{type:"button",class:"button",onClick:e,children:[n(j,{name:"plus"}),"Rent"]})]}),n("ul",{class:"number-list",children:ge.value?.map(r=>n(iu,{number:r,isChosen:t===r.id},r.id))})]})}function iu({number:e,isChosen:t}){let r=un.value.get(e.id)??0;return n("li",{class:t?"chosen":void 0,children:[n("button",{type:"button",class:"pick","aria-pressed":t,onClick:()=>Q.value={...Q.value,phoneNumberId:t?"":e.id},title:t?"Show every number":"Show only this number",children:[n("strong",{children:n("bdi",{children:F(e.phoneNumber)})}),n("span",{class:"meta",children:[e.label??Ne(e.countryCode),e.expiresAt&&n(y,{children:[" \xB7 ",n(fn,{until:e.expiresAt})]})]})]}),r>0&&n("span",{class:"badge",children:[Ae(r),n("span",{class:"off-screen",children:" unread"})]}),n(z,{text:e.phoneNumber,what:`the number ${F(e.phoneNumber)}`,class:"quiet square"})]})}function au(){let e=async()=>{let r=await Hs(!at.value);r&&P(r)},t="Sound and notifications";return n("button",{type:"button",class:"button quiet square","aria-pressed":at.value,"aria-label":t,title:t,onClick:e,children:n(j,{name:at.value?"bell":"bellOff"})})}function uu({onRent:e}){if(!C.value)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(rt(Q.value))return n("div",{class:"empty",children:[n("h2",{children:"Nothing fits"}),n("p",{children:"No message has all of what you are looking for."}),n("button",{type:"button",class:"button",onClick:()=>Q.value=Ee,children:"Show everything"})]});let t=ge.value?.[0];return t?n("div",{class:"empty",children:[n("h2",{children:"Waiting for a code"}),n("p",{children:"Give this number to whoever sends you one. It appears here by itself."}),n("p",{class:"big",children:n("bdi",{children:F(t.phoneNumber)})}),n(z,{text:t.phoneNumber,what:"the number",label:"Copy the number"})]}):n("div",{class:"empty",children:[n("h2",{children:"Rent a number first"}),n("p",{children:"It is yours for as long as you say, from an hour to a day. Codes that are sent to it appear here by themselves."}),n("button",{type:"button",class:"button primary",onClick:e,children:"Rent a number"})]})}function lu({onClose:e}){return n(L,{title:"Keys",onClose:e,children:n("dl",{class:"key-list",children:si.map(([t,r,o])=>n("div",{children:[n("dt",{children:[n("kbd",{children:t}),r&&n(y,{children:[" ",n("kbd",{children:r})]})]}),n("dd",{children:o})]},t))})})}function cu({message:e,onClose:t}){return n(L,{title:"Delete the message?",onClose:t,children:[n("p",{children:"It is gone for good."}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button danger",onClick:()=>cn(e).then(()=>P("The message is deleted."),T).finally(t),children:"Delete"}),n("button",{type:"button",class:"button quiet",onClick:t,children:"Keep"})]})]})}var du={live:["Live","Connected: messages appear as they arrive."],connecting:["Connecting","Connecting to the server."],waiting:["Reconnecting","The connection was lost and is being made again. Nothing is missed."],offline:["Offline","There is no network. What arrives meanwhile appears when it is back."]};function pu(){let[e,t]=du[Ve.value];return n("span",{class:`connection ${Ve.value}`,title:t,role:"status",children:[n("span",{class:"dot","aria-hidden":"true"}),n("span",{class:"label",children:e})]})}function _n({to:e,icon:t,children:r,badge:o=0}){let s=e==="/"?xe.value==="/":xe.value.startsWith(e);return n("a",{href:e,"aria-current":s?"page":void 0,children:[n(j,{name:t}),n("span",{children:r}),o>0&&n("span",{class:"badge",children:[n("span",{"aria-hidden":"true",children:Ae(o)}),n("span",{class:"off-screen",children:[", ",Ae(o)," unread"]})]})]})}function gi({children:e}){let t=Y.value;return n(y,{children:[n("a",{class:"skip",href:"#main",children:"Skip to the content"}),n("header",{class:"top",children:[n("a",{class:"brand",href:"/",children:[n(mu,{}),"otpwire"]}),t&&n("nav",{"aria-label":"Main",children:[n(_n,{to:"/",icon:"inbox",badge:je.value,children:"Inbox"}),n(_n,{to:"/numbers",icon:"numbers",children:"Numbers"}),t.role==="ADMIN"&&n(_n,{to:"/console",icon:"console",children:"Console"}),n(_n,{to:"/account",icon:"account",children:"Account"})]}),t&&n(pu,{})]}),n("main",{id:"main",tabIndex:-1,children:e}),n(fs,{})]})}function mu(){return n("svg",{class:"mark",viewBox:"0 0 32 32","aria-hidden":"true",children:[n("rect",{width:"32",height:"32",rx:"9"}),n("path",{d:"M8 12.5a2.5 2.5 0 0 1 2.5-2.5h11a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5H15l-4.5 3.5V21A2.5 2.5 0 0 1 8 18.5z"}),n("circle",{cx:"12.4",cy:"15.5",r:"1.3"}),n("circle",{cx:"16",cy:"15.5",r:"1.3"}),n("circle",{cx:"19.6",cy:"15.5",r:"1.3"})]})}var fu={"/register":ti,"/forgot-password":ri,"/reset-password":oi,"/verify-email":ni},gu={"/":dr,"/numbers":ci,"/account":Xs};function hu(){let e=xe.value,t=fu[e];if(t&&(!Y.value||e==="/verify-email"||e==="/reset-password"))return n(t,{});if(Y.value===void 0)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(Y.value===null)return n(ei,{});if(e.startsWith("/console"))return n(Ks,{});let r=gu[e]??dr;return n(r,{})}var pr=document.getElementById("app");pr&&(pr.textContent="",ps(),Ys(),In(n(gi,{children:n(hu,{})}),pr),gs());})();
